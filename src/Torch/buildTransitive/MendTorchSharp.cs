using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace DataSsl.Torch;

/// <summary>
/// What is changed in TorchSharp's files, in the program's folder.
/// <para>
/// Its native library is let be loaded where the C++ library is that of GCC 12. It asks for the version GLIBCXX_3.4.32 on account of one
/// symbol, ios_base_library_init, that no code of it calls: GCC 13 compilers name it in every object file, so that an older library is
/// refused. ELF lets a needed version be weak (VER_FLG_WEAK): the loader then goes on without it. Two bytes change; what is really used has
/// versions of its own, which stay as strong as they were.
/// </para>
/// <para>
/// Its managed library hands libtorch the address of a scalar or a tensor and lets go of the object: optimised code counts it as unused
/// from there on, and a collection at that moment frees what libtorch is reading ("Unknown scalar type", or another number). Code that is
/// not optimised keeps arguments to the end of a method. So the assembly's DebuggableAttribute, which says that its methods may be
/// optimised, says that they may not: two bits. Its methods only call libtorch; ours are optimised as before.
/// </para>
/// </summary>
/// <remarks>Compiled at build time by MSBuild, which may be of the .NET Framework: no newer C# than its compiler's.</remarks>
public sealed class MendTorchSharp : Microsoft.Build.Utilities.Task
{
    private const ushort Weak = 2;
    private const int VersionNeeds = 0x6ffffffe;
    private const string Unused = "GLIBCXX_3.4.32";

    /// <summary>
    /// The attribute's value as the compiler writes it in a Release build, with its length before it:
    /// DebuggingModes.IgnoreSymbolStoreSequencePoints, and no named arguments.
    /// </summary>
    private static readonly byte[] MayBeOptimised = { 8, 1, 0, 2, 0, 0, 0, 0, 0 };

    /// <summary>Default and DisableOptimizations besides: the runtime heeds the second beside the first alone.</summary>
    private static readonly byte[] Kept = { 8, 1, 0, 3, 1, 0, 0, 0, 0 };

    /// <summary>TorchSharp's libraries, native and managed; those that are not there are passed over.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = Array.Empty<ITaskItem>();

    public override bool Execute()
    {
        foreach (var item in Files)
        {
            var path = item.GetMetadata("FullPath");
            if (!File.Exists(path)) continue;
            var file = File.ReadAllBytes(path);
            if (RelaxVersion(file) + KeepArguments(file) == 0)
            {
                if (IsManaged(file) && Only(file, Kept) < 0)
                    Log.LogWarning(
                        "{0}: not the TorchSharp that is known; a garbage collection may free numbers that libtorch is reading", path);
                continue;
            }
            // The file may be a link to the restored package's, which must not change: a new one takes its place.
            var fresh = path + ".mended";
            var written = File.GetLastWriteTimeUtc(path);
            File.WriteAllBytes(fresh, file);
            // As old as before: the next build would copy it anew otherwise.
            File.SetLastWriteTimeUtc(fresh, written);
            File.Delete(path);
            File.Move(fresh, path);
        }
        return true;
    }

    /// <summary>
    /// Marks the needed version weak in a 64-bit little-endian ELF file. Gives the number of needs that were strong before.
    /// </summary>
    public static int RelaxVersion(byte[] file)
    {
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2 || file[5] != 1)
            return 0;
        var marked = 0;
        var sections = I64(file, 0x28);
        int size = U16(file, 0x3A), count = U16(file, 0x3C);
        for (var i = 0; i < count; i++)
        {
            var section = sections + i * size;
            if (U32(file, section + 4) != VersionNeeds) continue;
            var need = I64(file, section + 24);
            var names = I64(file, sections + U32(file, section + 40) * size + 24);
            while (true)
            {
                var entry = need + U32(file, need + 8);
                for (var k = 0; k < U16(file, need + 2); k++)
                {
                    if (Name(file, names + U32(file, entry + 8)) == Unused && (file[entry + 4] & Weak) == 0)
                    {
                        file[entry + 4] |= (byte)Weak;
                        marked++;
                    }
                    entry += U32(file, entry + 12);
                }
                var next = U32(file, need + 12);
                if (next == 0) break;
                need += next;
            }
        }
        return marked;
    }

    /// <summary>
    /// Forbids the methods of a managed library to be optimised. Gives 1 where that was not so, and 0 where it is, in other files, and
    /// where the attribute is not found for certain.
    /// </summary>
    public static int KeepArguments(byte[] file)
    {
        var at = IsManaged(file) ? Only(file, MayBeOptimised) : -1;
        if (at < 0) return 0;
        Array.Copy(Kept, 0, file, at, Kept.Length);
        return 1;
    }

    private static bool IsManaged(byte[] file)
    {
        return file.Length > 64 && file[0] == 'M' && file[1] == 'Z';
    }

    /// <summary>Where the bytes are, if they are in one place.</summary>
    private static int Only(byte[] file, byte[] bytes)
    {
        var found = -1;
        for (var at = 0; (at = Array.IndexOf(file, bytes[0], at)) >= 0; at++)
        {
            var same = 1;
            while (same < bytes.Length && at + same < file.Length && file[at + same] == bytes[same]) same++;
            if (same < bytes.Length) continue;
            if (found >= 0) return -1;
            found = at;
        }
        return found;
    }

    private static int U16(byte[] file, long at)
    {
        return file[at] | file[at + 1] << 8;
    }

    private static int U32(byte[] file, long at)
    {
        return checked((int)BitConverter.ToUInt32(file, (int)at));
    }

    private static int I64(byte[] file, long at)
    {
        return checked((int)BitConverter.ToInt64(file, (int)at));
    }

    private static string Name(byte[] file, long at)
    {
        return Encoding.ASCII.GetString(file, (int)at, Array.IndexOf(file, (byte)0, (int)at) - (int)at);
    }
}
