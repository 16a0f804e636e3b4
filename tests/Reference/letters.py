"""Letters of Unicode's basic plane that are taken apart into two or three, by Python's tables: lines of "LETTER PARTS". Of Hangul, which the standard computes, a checksum of such lines."""
import hashlib
import unicodedata

import seeded
import torch

letters = [chr(c) for c in range(0x80, 0x10000) if not 0xD800 <= c < 0xE000]
apart = {c: unicodedata.normalize("NFD", c) for c in letters}
lines = {c: f"{c} {parts}\n" for c, parts in apart.items() if unicodedata.normalize("NFC", c) == c and parts != c and len(parts) <= 3}
hangul = [line for c, line in lines.items() if "\uac00" <= c <= "\ud7a3"]
seeded.write(__file__, {
    "letters": seeded.text("".join(line for c, line in lines.items() if not "\uac00" <= c <= "\ud7a3")),
    "hangul": torch.tensor(list(hashlib.sha256("".join(hangul).encode()).digest()), dtype=torch.uint8)})
