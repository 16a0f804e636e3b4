using System.Runtime.InteropServices;

namespace DataSsl.Fuzz;

/// <summary>No file of this process may grow beyond a size until this is disposed: what a full disk does, at a place of choice.</summary>
internal sealed partial class FileLimit : IDisposable
{
    private const int Sizes = 1;
    private readonly Limits before;

    public FileLimit(long bytes)
    {
        Assert.Equal(0, getrlimit(Sizes, out before));
        Assert.Equal(0, setrlimit(Sizes, new() { Soft = (ulong)bytes, Hard = before.Hard }));
    }

    public void Dispose() => Assert.Equal(0, setrlimit(Sizes, before));

    private struct Limits
    {
        public ulong Soft, Hard;
    }

    [LibraryImport("libc")] private static partial int getrlimit(int what, out Limits limits);
    [LibraryImport("libc")] private static partial int setrlimit(int what, in Limits limits);
}
