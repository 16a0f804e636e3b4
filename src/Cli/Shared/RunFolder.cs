using System.Runtime.InteropServices;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;

namespace DataSsl.Cli.Shared;

/// <summary>
/// A folder that a verb writes its results into, held for itself as long as the verb runs: two runs in one would mix their files. The hold
/// is the system's, so that it ends with the process however that ends, and leaves nothing behind.
/// </summary>
internal sealed partial class RunFolder : IDisposable
{
    private const int Exclusively = 2, AtOnce = 4, WouldBlock = 11, WouldBlockOnMacOs = 35;
    private const string WindowsFile = ".datassl-lock";

    private static readonly List<RunFolder> ofThisCommand = [];

    private readonly string path;
    private readonly IDisposable? held;

    private RunFolder(string path, IDisposable? held) => (this.path, this.held) = (path, held);

    /// <summary>Makes the folder where it is missing, sees that it can be written to, and holds it until the command ends.</summary>
    /// <exception cref="UserException">It cannot be written, or another process holds it.</exception>
    public static string Take(string path)
    {
        Output.Folder(path);
        if (ofThisCommand.All(folder => folder.path != Full(path))) ofThisCommand.Add(Hold(path));
        return path;
    }

    /// <summary>
    /// The same of a folder that may not be there yet, and is not made: before work whose mistakes are to leave no folder behind.
    /// </summary>
    public static void TakeIfThere(string path)
    {
        if (Directory.Exists(path)) Take(path);
    }

    /// <summary>Ends what <see cref="Take"/> held.</summary>
    public static void ReleaseAll()
    {
        foreach (var folder in ofThisCommand) folder.Dispose();
        ofThisCommand.Clear();
    }

    /// <summary>Holds a folder that is there, until it is disposed.</summary>
    /// <exception cref="UserException">Another process holds it.</exception>
    public static RunFolder Hold(string path) => new(Full(path), OperatingSystem.IsWindows() ? HoldByFile(path) : HoldItself(path));

    /// <summary>The same; null where another process holds it.</summary>
    /// <exception cref="UserException">Its file system knows no locks.</exception>
    public static RunFolder? TryHold(string path)
    {
        try
        {
            return Hold(path) is { held: not null } folder
                ? folder
                : throw new UserException($"{path}: its file system knows no locks, by which processes share work; give another --out, or one process");
        }
        catch (BusyException)
        {
            return null;
        }
    }

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static FileStream HoldByFile(string path)
    {
        try
        {
            return new(
                Path.Combine(path, WindowsFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw Busy(path, e);
        }
    }

    /// <summary>A lock on the folder itself; null where its file system knows none.</summary>
    private static Descriptor? HoldItself(string path)
    {
        // Not for children: a peer of a bench, a process of a group.
        var descriptor = open(path, OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000);
        if (descriptor < 0) return null;
        if (flock(descriptor, Exclusively | AtOnce) == 0) return new(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        return error is WouldBlock or WouldBlockOnMacOs ? throw Busy(path, null) : null;
    }

    private static BusyException Busy(string path, Exception? e) =>
        new($"{path}: another datassl is writing there at this moment; wait until it has ended, or give another --out", e);

    public void Dispose() => held?.Dispose();

    /// <summary>Another process holds the folder.</summary>
    private sealed class BusyException(string message, Exception? inner) : UserException(message, inner);

    private sealed class Descriptor(int number) : IDisposable
    {
        public void Dispose() => _ = close(number);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int flock(int descriptor, int operation);
    [LibraryImport("libc")] private static partial int close(int descriptor);
}
