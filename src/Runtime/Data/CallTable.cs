using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Data;

/// <summary>The table in which a loaded ELF library keeps the addresses of the functions that it calls.</summary>
internal static unsafe partial class CallTable
{
    private const uint Load = 1, Dynamic = 2, ReadOnlyAfterwards = 0x6474e552;

    /// <summary>The entry of a function that a library calls.</summary>
    /// <param name="inside">An address inside the library.</param>
    /// <param name="function">The function's name.</param>
    /// <returns>Null where the library does not call it, or may not be changed.</returns>
    public static nint* Find(nint inside, string function)
    {
        var search = new Search { Inside = (ulong)inside, Function = function };
        var handle = GCHandle.Alloc(search);
        try
        {
            _ = dl_iterate_phdr(&Visit, GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }
        return (nint*)search.Slot;
    }

    /// <summary>Lets a library call nothing where it calls a function whose result it does not need.</summary>
    /// <inheritdoc cref="Find"/>
    public static void Silence(nint inside, string function)
    {
        var slot = Find(inside, function);
        if (slot != null) *slot = (nint)(delegate* unmanaged[Cdecl]<int>)&Nothing;
    }

    /// <summary>Whatever arguments it is called with, the caller takes them away again.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Nothing() => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Visit(Library* library, nuint size, nint data)
    {
        var search = (Search)GCHandle.FromIntPtr(data).Target!;
        if (!library->Holds(Load, search.Inside)) return 0;
        for (var i = 0; i < library->PartCount; i++)
            if (library->Parts[i].Type == Dynamic)
                search.Slot = Entry(library, (ulong*)(library->Start + library->Parts[i].Address), search.Function);
        return 1;
    }

    private static ulong Entry(Library* library, ulong* dynamic, string function)
    {
        const ulong length = 2, names = 5, symbols = 6, calls = 23;
        var (nameTable, symbolTable, callTable, bytes) = (0ul, 0ul, 0ul, 0ul);
        for (; dynamic[0] != 0; dynamic += 2)
        {
            switch (dynamic[0])
            {
                case length: bytes = dynamic[1]; break;
                case names: nameTable = Absolute(dynamic[1]); break;
                case symbols: symbolTable = Absolute(dynamic[1]); break;
                case calls: callTable = Absolute(dynamic[1]); break;
            }
        }
        for (var call = (Call*)callTable; call < (Call*)(callTable + bytes); call++)
        {
            var name = ((Symbol*)symbolTable + (call->Info >> 32))->Name;
            if (
                !MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)nameTable + name)
                    .SequenceEqual(System.Text.Encoding.ASCII.GetBytes(function)))
                continue;
            var slot = library->Start + call->Place;
            return library->Holds(ReadOnlyAfterwards, slot) ? 0 : slot;
        }
        return 0;

        // glibc turns the table's addresses into absolute ones, musl does not.
        ulong Absolute(ulong address) => address < library->Start ? library->Start + address : address;
    }

    [LibraryImport("libc")]
    private static partial int dl_iterate_phdr(delegate* unmanaged[Cdecl]<Library*, nuint, nint, int> visit, nint data);

#pragma warning disable CS0649 // What the loader gives is read alone.
    private sealed class Search
    {
        public required ulong Inside;
        public required string Function;
        public ulong Slot;
    }

    /// <summary>dl_phdr_info.</summary>
    private struct Library
    {
        public ulong Start;
        public byte* Path;
        public Part* Parts;
        public ushort PartCount;

        public readonly bool Holds(uint type, ulong address)
        {
            for (var i = 0; i < PartCount; i++)
                if (Parts[i].Type == type && address - Start - Parts[i].Address < Parts[i].Length) return true;
            return false;
        }
    }

    /// <summary>Elf64_Phdr.</summary>
    private struct Part
    {
        public uint Type, Flags;
        public ulong Offset, Address, PhysicalAddress, FileLength, Length, Alignment;
    }

    /// <summary>Elf64_Rela.</summary>
    private struct Call
    {
        public ulong Place, Info, Addend;
    }

    /// <summary>Elf64_Sym.</summary>
    private struct Symbol
    {
        public uint Name;
        public byte Info, Other;
        public ushort Section;
        public ulong Value, Size;
    }
#pragma warning restore CS0649
}
