using System.Runtime.InteropServices;
using DataSsl.Runtime;

namespace DataSsl.Jobs.Shared;

/// <summary>
/// A folder that a verb writes its results into, held for itself as long as the verb runs: two runs in one would mix their files. The hold
/// is the system's, so that it ends with the process however that ends, and leaves nothing behind.
/// </summary>
public sealed partial class RunFolder : IDisposable
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
        RunFolder.Make(path);
        if (ofThisCommand.All(folder => folder.path != Full(path))) ofThisCommand.Add(Hold(path));
        return path;
    }

    /// <summary>Creates a folder and makes sure that it can be written to; a <see cref="UserException"/> otherwise.</summary>
    public static string Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            // New, under a name that nobody foresees: a link in its place would be followed.
            new FileStream(
                    Path.Combine(path, $".datassl-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1,
                    FileOptions.DeleteOnClose)
                .Dispose();
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot write there ({e.Message}); give another --out", e);
        }
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
    public static RunFolder Hold(string path) => Lock(path) is (var held, IsBusy: false)
        ? new(Full(path), held)
        : throw new UserException(
            $"{path}: another datassl is writing there at this moment; wait until it has ended, or give another --out");

    /// <summary>The same; null where another process holds it.</summary>
    /// <exception cref="UserException">Its file system knows no locks.</exception>
    public static RunFolder? TryHold(string path) => Lock(path) switch
    {
        (_, IsBusy: true) => null,
        ({ } held, _) => new(Full(path), held),
        _ => throw new UserException(
            $"{path}: its file system knows no locks, by which processes share work; give another --out, or one process"),
    };

    /// <summary>A folder's lock, null where its file system knows none; or that another process has it.</summary>
    private static (IDisposable? Held, bool IsBusy) Lock(string path) =>
        OperatingSystem.IsWindows() ? LockByFile(path) : LockItself(path);

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static (IDisposable? Held, bool IsBusy) LockByFile(string path)
    {
        try
        {
            return (
                new FileStream(
                    Path.Combine(path, WindowsFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                    FileOptions.DeleteOnClose), false);
        }
        catch (IOException)
        {
            return (null, true);
        }
    }

    private static (IDisposable? Held, bool IsBusy) LockItself(string path)
    {
        // Not for children: a peer of a bench, a process of a group.
        var descriptor = open(path, OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000);
        if (descriptor < 0) return (null, false);
        if (flock(descriptor, Exclusively | AtOnce) == 0) return (new Descriptor(descriptor), false);
        var error = Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        return (null, error is WouldBlock or WouldBlockOnMacOs);
    }

    /// <summary>Ends the hold.</summary>
    public void Dispose() => held?.Dispose();

    private sealed class Descriptor(int number) : IDisposable
    {
        public void Dispose() => _ = close(number);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int flock(int descriptor, int operation);
    [LibraryImport("libc")] private static partial int close(int descriptor);
}
