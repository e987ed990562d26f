"""Letters of other scripts, and the Latin ones that share their keys.

With Ctrl and Alt the key counts, and not what its layout writes.
"""

_LAYOUTS = (
    ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),  # Russian
    ("ґєіїў", "\\'s]o"),  # what Ukrainian and Belarusian have besides
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),  # Greek
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),  # Hebrew
)
_LATIN = {
    letter: latin
    for letters, latins in _LAYOUTS
    for letter, latin in zip(letters, latins, strict=True)
}


def latin(letter: str) -> str:
    """Return what a letter's key writes on a Latin keyboard; the letter itself if it is Latin."""
    found = _LATIN.get(letter.lower(), letter)
    return found.upper() if letter != letter.lower() and found.isalpha() else found
