"""undefined.py LIBRARY FOLDER: names the symbols that the 64-bit ELF LIBRARY needs and that neither libtorch in FOLDER (PyTorch's torch/lib) nor the system has. Exits 1 where there are any."""
import ctypes
import os
import struct
import sys

SYMBOLS, DYNAMIC, RELOCATIONS, NEEDED = 11, 6, 4, 1  # SHT_DYNSYM, SHT_DYNAMIC, SHT_RELA, DT_NEEDED
UNDEFINED, WEAK = 0, 2  # SHN_UNDEF, STB_WEAK


def sections(file):
    start, = struct.unpack_from('<Q', file, 0x28)
    size, count = struct.unpack_from('<HH', file, 0x3A)
    # name, type, flags, address, offset, size, link, info, alignment, size of an entry
    return [struct.unpack_from('<IIQQQQIIQQ', file, start + i * size) for i in range(count)]


def text(file, table, at):
    start = table[4] + at
    return file[start:file.index(0, start)].decode()


def needs(file):
    """The libraries that a file asks for, and the symbols that it cannot do without."""
    everything = sections(file)
    libraries, symbols = [], []
    # A symbol that nothing is bound to only raises the version asked for, as std::ios_base_library_init does.
    bound = {struct.unpack_from('<Q', file, at + 8)[0] >> 32
             for section in everything if section[1] == RELOCATIONS for at in range(section[4], section[4] + section[5], 24)}
    for section in everything:
        table = everything[section[6]] if section[6] < len(everything) else None
        if section[1] == DYNAMIC:
            for at in range(section[4], section[4] + section[5], 16):
                tag, value = struct.unpack_from('<qQ', file, at)
                if tag == NEEDED:
                    libraries.append(text(file, table, value))
        if section[1] == SYMBOLS:
            for number in range(1, section[5] // 24):
                name, info, _, index = struct.unpack_from('<IBBH', file, section[4] + 24 * number)
                if index == UNDEFINED and info >> 4 != WEAK and number in bound:
                    symbols.append(text(file, table, name))
    return libraries, symbols


def main(library, folder):
    with open(library, 'rb') as stream:
        libraries, symbols = needs(stream.read())
    # A handle finds what its library's own needs define as well.
    handles = []
    for name in libraries:
        own = os.path.join(folder, name)
        try:
            handles.append(ctypes.CDLL(own if os.path.exists(own) else name))
        except OSError as error:
            print('%s asks for %s, which does not load: %s' % (os.path.basename(library), name, error))
            return 1
    missing = [name for name in symbols if not any(hasattr(handle, name) for handle in handles)]
    for name in missing:
        print(name)
    print('%d of the %d symbols that %s needs are missing in %s' % (len(missing), len(symbols), os.path.basename(library), folder), file=sys.stderr)
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
