using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace DataSsl.Torch;

/// <summary>
/// Lets TorchSharp's native library be loaded where the C++ library is that of GCC 12. It asks for the version GLIBCXX_3.4.32 on account of one symbol, ios_base_library_init, that no code of it calls:
/// GCC 13 compilers name it in every object file, so that an older library is refused. ELF lets a needed version be weak (VER_FLG_WEAK): the loader then goes on without it. Two bytes change; what is
/// really used has versions of its own, which stay as strong as they were.
/// </summary>
/// <remarks>Compiled at build time by MSBuild, which may be of the .NET Framework: no newer C# than its compiler's.</remarks>
public sealed class RelaxVersion : Microsoft.Build.Utilities.Task
{
    private const ushort Weak = 2;
    private const int VersionNeeds = 0x6ffffffe;
    private const string Unused = "GLIBCXX_3.4.32";

    /// <summary>Native libraries; those that are not there are passed over.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = Array.Empty<ITaskItem>();

    public override bool Execute()
    {
        foreach (var item in Files)
        {
            var path = item.GetMetadata("FullPath");
            if (!File.Exists(path)) continue;
            var file = File.ReadAllBytes(path);
            if (Mark(file) == 0) continue;
            // The file may be a link to the restored package's, which must not change: a new one takes its place.
            var fresh = path + ".relaxed";
            var written = File.GetLastWriteTimeUtc(path);
            File.WriteAllBytes(fresh, file);
            // As old as before: the next build would copy it anew otherwise.
            File.SetLastWriteTimeUtc(fresh, written);
            File.Delete(path);
            File.Move(fresh, path);
        }
        return true;
    }

    /// <summary>Marks the needed version weak in a 64-bit little-endian ELF file. Gives the number of needs that were strong before.</summary>
    public static int Mark(byte[] file)
    {
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2 || file[5] != 1) return 0;
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
