"""Questions about money: how much an area was offered and got, over what, and per inhabitant."""
