"""Finds the hardware addresses of a Linux machine's physical network interfaces.

An interface with a `device` link sits on a bus; bridges, tunnels, veth and ifb have none. Its address
counts when it is the one it was made with: a bond and Wi-Fi randomisation put another one over it,
and both leave the original readable elsewhere.
"""

from activation.client.reading.finding import Finding, find_macs
from activation.client.reading.system_tree import SystemTree

_FOLDER = "/sys/class/net"
_ETHERNET = "1"
_PERMANENT = "0"


def find_network_addresses(tree: SystemTree) -> Finding:
    """Return the permanent addresses of all physical interfaces, or why there are none."""
    names = [name for name in tree.names(_FOLDER) if _is_physical(tree, name)]
    if not names:
        return find_macs([], _FOLDER, "this machine shows no physical network interface")
    addresses = [_read_permanent_address(tree, name) for name in names]
    return find_macs(addresses, f"{_FOLDER}/*/address", "no network interface has a permanent address")


def _is_physical(tree: SystemTree, name: str) -> bool:
    folder = f"{_FOLDER}/{name}"
    return tree.has(f"{folder}/device") and tree.text(f"{folder}/type").strip() == _ETHERNET


def _read_permanent_address(tree: SystemTree, name: str) -> str:
    folder = f"{_FOLDER}/{name}"
    # Before all else what is under a bond or a randomised Wi-Fi address.
    for path in (f"{folder}/bonding_slave/perm_hwaddr", f"{folder}/phy80211/macaddress"):
        if address := tree.text(path).strip():
            return address
    # Kernels too old to say have never changed the address either.
    assigned = tree.text(f"{folder}/addr_assign_type").strip() or _PERMANENT
    return tree.text(f"{folder}/address") if assigned == _PERMANENT else ""
