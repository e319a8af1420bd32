"""Receipts as they lie in the ballot box: encrypted, so that only the browser that cast opens them again."""

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from buurtbegroot.core.credentials import mac
from buurtbegroot.core.receipts import Receipt, ReceiptError, parse_receipt, receipt_text


def seal_receipt(rk: bytes, receipt: Receipt) -> bytes:
    """Encrypt a receipt under the receipt key of its ballot, 32 bytes.

    The nonce is derived from key and text: another receipt gets another nonce, the same receipt the same
    bytes.
    """
    text = receipt_text(receipt).encode("ascii")
    nonce = mac(rk, "v2/receipt-nonce", text)[: SecretBox.NONCE_SIZE]
    return bytes(SecretBox(rk).encrypt(text, nonce))


def open_receipt(rk: bytes, sealed: bytes) -> Receipt:
    """Decrypt a stored receipt. Raises ReceiptError when it was changed or belongs to another voter or form."""
    try:
        return parse_receipt(SecretBox(rk).decrypt(sealed).decode("ascii"))
    except (CryptoError, UnicodeDecodeError) as error:
        raise ReceiptError("this key does not open this receipt") from error
