"""Maximum flow in whole numbers, and the cut that bounds it."""

from collections import deque
from collections.abc import Iterator


class Network:
    """Nodes 0, 1, 2, … and arcs with capacities in whole numbers of any size (Dinic 1970)."""

    def __init__(self, nodes: int) -> None:
        self._heads: list[int] = []
        self._room: list[int] = []
        self._arcs: list[list[int]] = [[] for _ in range(nodes)]

    def connect(self, tail: int, head: int, capacity: int) -> None:
        """Add an arc from one node to another."""
        self._arcs[tail].append(len(self._heads))
        self._arcs[head].append(len(self._heads) + 1)
        self._heads += (head, tail)
        self._room += (capacity, 0)

    def push(self, source: int, sink: int) -> int:
        """Push as much as possible from source to sink; return how much."""
        pushed = 0
        while (depth := self._depths(source))[sink] >= 0:
            untried = [iter(arcs) for arcs in self._arcs]
            while path := self._path(source, sink, depth=depth, untried=untried):
                least = min(self._room[arc] for arc in path)
                for arc in path:
                    self._room[arc] -= least
                    self._room[arc ^ 1] += least
                pushed += least
        return pushed

    def reachable(self, source: int) -> set[int]:
        """Return the nodes to which more could flow: after `push` the side of the source of a least cut."""
        return {node for node, depth in enumerate(self._depths(source)) if depth >= 0}

    def _depths(self, source: int) -> list[int]:
        depth = [-1] * len(self._arcs)
        depth[source] = 0
        queue = deque([source])
        while queue:
            node = queue.popleft()
            for arc in self._arcs[node]:
                head = self._heads[arc]
                if depth[head] < 0 and self._room[arc]:
                    depth[head] = depth[node] + 1
                    queue.append(head)
        return depth

    def _path(self, source: int, sink: int, *, depth: list[int], untried: list[Iterator[int]]) -> list[int]:
        """Return the arcs of a shortest way with room, none if there is none left at this depth."""
        path: list[int] = []
        node = source
        while node != sink:
            for arc in untried[node]:
                if self._room[arc] and depth[self._heads[arc]] == depth[node] + 1:
                    path.append(arc)
                    break
            else:
                if not path:
                    return []
                arc = path.pop()
                node = self._heads[arc ^ 1]
                continue
            node = self._heads[path[-1]]
        return path
