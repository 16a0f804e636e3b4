using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DataSsl.Runtime
{
    /// <summary>
    /// Makes a copy of OpenCV's native library for Linux that is loaded where no window system is. The library can open windows, by GTK,
    /// and names GTK, X11 and their kin among the libraries that it needs: without them (servers, containers) the loader refuses it,
    /// whatever is used of it. In the copy those needs are gone, and what they would have defined is weak, which means that it may stay
    /// undefined. Nothing that decodes or encodes pictures calls any of it.
    /// </summary>
    /// <remarks>
    /// Which needs may go is told by the file, not by a list of names: the C and C++ libraries are asked for versions of what they define,
    /// and stay; what has no version comes from the others. Compiled at build time by MSBuild, which may be of the .NET Framework: no newer
    /// C# than its compiler's.
    /// </remarks>
    public sealed class HeadlessOpenCv : Task
    {
        private const long End = 0, Needed = 1;
        private const int Dynamic = 6, DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, VersionOfSymbol = 0x6fffffff;
        private const int Global = 1, Weak = 2;

        /// <summary>The restored package's library.</summary>
        [Required]
        public string Source { get; set; } = "";

        /// <summary>Where the copy goes; left alone when it is as new as the source.</summary>
        [Required]
        public string Target { get; set; } = "";

        public override bool Execute()
        {
            var written = File.GetLastWriteTimeUtc(Source);
            if (File.Exists(Target) && File.GetLastWriteTimeUtc(Target) == written) return true;
            var file = File.ReadAllBytes(Source);
            Mend(file);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Target)));
            // Several projects may build at once, and a reader must never see half a file.
            var fresh = Target + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(fresh, file);
            File.SetLastWriteTimeUtc(fresh, written);
            try
            {
                if (File.Exists(Target)) File.Replace(fresh, Target, null);
                else File.Move(fresh, Target);
            }
            catch (IOException)
            {
                // Another build was faster; its copy is the same.
                File.Delete(fresh);
                if (!File.Exists(Target)) throw;
            }
            return true;
        }

        /// <summary>
        /// Takes the needs away in a 64-bit little-endian ELF file. Gives the names of the libraries that are no longer needed.
        /// </summary>
        public static List<string> Mend(byte[] file)
        {
            var gone = new List<string>();
            if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2 || file[5] != 1)
                return gone;
            var versioned = Versioned(file);
            var dynamic = Section(file, Dynamic);
            var names = Names(file, dynamic);
            long from = Offset(file, dynamic), to = from, end = from + Length(file, dynamic);
            for (; from < end; from += 16)
            {
                var tag = I64(file, from);
                var name = tag == Needed ? Name(file, names + I64(file, from + 8)) : null;
                if (name != null && !versioned.Contains(name))
                {
                    gone.Add(name);
                    continue;
                }
                Array.Copy(file, from, file, to, 16);
                to += 16;
            }
            // The list ends at the first empty entry; what is left over is empty too.
            for (; to < end; to += 16) Array.Clear(file, (int)to, 16);
            if (gone.Count > 0) Weaken(file);
            return gone;
        }

        /// <summary>The libraries that are asked for a version of something.</summary>
        private static HashSet<string> Versioned(byte[] file)
        {
            var libraries = new HashSet<string>();
            var section = Section(file, VersionNeeds);
            var names = Names(file, section);
            for (var need = Offset(file, section); ;)
            {
                libraries.Add(Name(file, names + U32(file, need + 4)));
                var next = U32(file, need + 12);
                if (next == 0) return libraries;
                need += next;
            }
        }

        /// <summary>An undefined symbol without a version may stay undefined.</summary>
        private static void Weaken(byte[] file)
        {
            var symbols = Section(file, DynamicSymbols);
            var versions = Offset(file, Section(file, VersionOfSymbol));
            long first = Offset(file, symbols), count = Length(file, symbols) / 24;
            for (var i = 0L; i < count; i++)
            {
                var symbol = first + 24 * i;
                var undefined = U16(file, symbol + 6) == 0;
                if (undefined && file[symbol + 4] >> 4 == Global && U16(file, versions + 2 * i) <= 1)
                    file[symbol + 4] = (byte)(Weak << 4 | file[symbol + 4] & 15);
            }
        }

        /// <summary>The header of the section of a type.</summary>
        private static long Section(byte[] file, int type)
        {
            var sections = I64(file, 0x28);
            int size = U16(file, 0x3A), count = U16(file, 0x3C);
            for (var i = 0; i < count; i++)
                if (U32(file, sections + i * size + 4) == type) return sections + i * size;
            throw new InvalidDataException("an ELF file without a section of type " + type);
        }

        private static long Offset(byte[] file, long section)
        {
            return I64(file, section + 24);
        }

        private static long Length(byte[] file, long section)
        {
            return I64(file, section + 32);
        }

        /// <summary>Where the names lie that a section speaks of.</summary>
        private static long Names(byte[] file, long section)
        {
            return Offset(file, I64(file, 0x28) + U32(file, section + 40) * U16(file, 0x3A));
        }

        private static int U16(byte[] file, long at)
        {
            return file[at] | file[at + 1] << 8;
        }

        private static long U32(byte[] file, long at)
        {
            return BitConverter.ToUInt32(file, (int)at);
        }

        private static long I64(byte[] file, long at)
        {
            return BitConverter.ToInt64(file, (int)at);
        }

        private static string Name(byte[] file, long at)
        {
            return Encoding.ASCII.GetString(file, (int)at, Array.IndexOf(file, (byte)0, (int)at) - (int)at);
        }
    }
}
