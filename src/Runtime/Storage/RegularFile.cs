using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DataSsl.Runtime.Storage;

/// <summary>
/// Opens files to read, and nothing else that a name may stand for: opening a named pipe waits for whoever writes to it, perhaps for ever,
/// and opening a device may do anything.
/// </summary>
public static unsafe partial class RegularFile
{
    private const string NoSuchFile = "no such file";

    /// <summary>Bytes of the largest text that people write by hand, be it C# or YAML.</summary>
    private const long MostSource = 1 << 24;

    /// <summary>Opens a file to read from any place in it.</summary>
    /// <param name="path">A file, or a link to one.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <exception cref="IOException">There is none, it cannot be opened, or it is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle Open(string path, FileShare share = FileShare.Read)
    {
        if (path.Length == 0 || path.Contains('\0')) throw new IOException("no file has such a name");
        if (NoFile(path) is { } kind) throw new IOException($"{kind}, not a file");
        return File.OpenHandle(path, share: share);
    }

    /// <summary>Fills a buffer from a place in a file on, and says with how many bytes: fewer only where the file ends.</summary>
    public static int Read(SafeFileHandle file, Span<byte> into, long place)
    {
        var read = 0;
        while (read < into.Length && RandomAccess.Read(file, into[read..], place + read) is > 0 and var count) read += count;
        return read;
    }

    /// <summary>The text of a file, of UTF-8 or with a byte order mark.</summary>
    /// <param name="path">A file, or a link to one.</param>
    /// <param name="most">Bytes of the largest file that is read: a few blocks on a disk may say that they are many gigabytes.</param>
    /// <inheritdoc cref="Open"/>
    public static string ReadText(string path, long most)
    {
        using var reader = new StreamReader(OpenStream(path, most));
        return reader.ReadToEnd();
    }

    /// <summary>A file to read from its beginning.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static FileStream OpenStream(string path, long most = long.MaxValue, FileShare share = FileShare.Read)
    {
        var file = Open(path, share);
        if (RandomAccess.GetLength(file) is var length && length <= most) return new(file, FileAccess.Read);
        file.Dispose();
        throw new IOException(FormattableString.Invariant($"{length >> 20:N0} MiB, more than the {most >> 20:N0} MiB that are read"));
    }

    /// <summary>
    /// A file that the user gave, or that a run keeps, to read from its beginning: whatever stands in the way is the user's to know.
    /// </summary>
    /// <param name="path">A file, or a link to one.</param>
    /// <param name="most">Bytes of the largest file that is read.</param>
    /// <param name="missing">What to say of a file that is not there.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <exception cref="UserException">It is missing, no regular file, larger, or may not be read.</exception>
    public static FileStream OpenGiven(
        string path, long most = long.MaxValue, string missing = NoSuchFile, FileShare share = FileShare.Read)
    {
        if (!Path.Exists(path)) throw new UserException($"{path}: {missing}");
        try
        {
            return OpenStream(path, most, share);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>The bytes of such a file.</summary>
    /// <inheritdoc cref="OpenGiven"/>
    public static byte[] ReadBytes(string path, long most, string missing = NoSuchFile)
    {
        using var file = OpenGiven(path, most, missing);
        try
        {
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (IOException e)
        {
            throw new UserException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>The text of such a file, of UTF-8 or with a byte order mark.</summary>
    /// <inheritdoc cref="OpenGiven"/>
    public static string ReadGiven(string path, long most = MostSource, string missing = NoSuchFile)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, most, missing)));
        return reader.ReadToEnd();
    }

    /// <summary>Refuses what is not a file in the place of one that is to be written.</summary>
    /// <exception cref="UserException">There is such a thing.</exception>
    public static void MustBe(string path)
    {
        if (NoFile(path) is { } kind) throw new UserException($"{path}: {kind}, not a file");
    }

    private static string? NoFile(string path) =>
        Directory.Exists(path) ? "a folder" : OtherKind(path) ?? (LeadsNowhere(path) ? "a link to what is not there" : null);

    private static bool LeadsNowhere(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            // Links round in a circle.
            return true;
        }
    }

    /// <summary>
    /// What a path stands for where that is neither a file nor a folder, such as "a named pipe"; null where it is one of those, is missing,
    /// or where the system does not say.
    /// </summary>
    public static string? OtherKind(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        // What the kernel writes, of which the kind is two bytes; the rest is of no matter here.
        const int length = 256, mode = 28, atWorkingFolder = -100, wantsType = 1;
        var status = stackalloc byte[length];
        try
        {
            if (statx(atWorkingFolder, path, 0, wantsType, status) != 0) return null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library that is older than the call.
            return null;
        }
        return (*(ushort*)(status + mode) & 0xF000) switch
        {
            0x1000 => "a named pipe",
            0x2000 => "a character device",
            0x6000 => "a block device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* status);
}
