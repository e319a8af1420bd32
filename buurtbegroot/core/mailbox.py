"""Which addresses lead to one mailbox, as far as their providers say so.

Sources: Gmail ignores dots, and googlemail.com is gmail.com (support.google.com/mail/answer/7436150 and 10313); Proton
ignores dots, hyphens and underscores, and its three domains are one (proton.me/support/addresses-and-aliases); Apple
delivers me.com and mac.com to icloud.com (support.apple.com/101010). A `+label` is taken for one everywhere.
"""

DOMAINS = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
"""Other names of a provider, with the one that stands for all."""
IGNORED = {"gmail.com": ".", "proton.me": ".-_"}
"""The signs in a name that mean nothing to a provider."""


def mailbox_of(email: str) -> str:
    """Return what stands for the mailbox of an address: in small letters, without what its provider ignores."""
    name, _, given = email.lower().rpartition("@")
    domain = DOMAINS.get(given, given)
    bare = name.partition("+")[0] or name
    kept = bare.translate({ord(sign): None for sign in IGNORED.get(domain, "")})
    return f"{kept or bare}@{domain}"
