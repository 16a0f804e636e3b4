using System.Globalization;
using System.Runtime.InteropServices;

namespace DataSsl.Cli;

/// <summary>
/// Keeps strangers from the ports that mpirun listens on. It binds one to all addresses, whatever it is told, and a single byte sent there, or to the one of this machine by which its processes find
/// it, holds it up for good. Processes of one machine need the first never and the second only until they have met: the kernel is then told to drop what arrives there.
/// </summary>
internal static unsafe partial class PortSeal
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const int PidfdOpen = 434;
    private const int PidfdGetfd = 438;

    /// <summary>Closes the ports that a child of this process listens on, to all from now on; connections that are open stay so.</summary>
    /// <param name="process">The child.</param>
    /// <param name="ofThisMachine">Those too that only this machine can reach.</param>
    /// <returns>How many cannot be closed, as in a container that forbids it.</returns>
    public static int Close(int process, bool ofThisMachine)
    {
        var (failed, own) = (0, Sockets(process));
        foreach (var (inode, isLocal) in Listening(process))
            if ((ofThisMachine || !isLocal) && own.TryGetValue(inode, out var descriptor) && !TryDropAll(process, descriptor)) failed++;
        return failed;
    }

    /// <summary>Sockets that listen for TCP in the network that a process sees, and whether on an address of this machine alone.</summary>
    public static IEnumerable<(long Inode, bool IsLocal)> Listening(int process)
    {
        foreach (var table in new[] { "tcp", "tcp6" })
        {
            // sl local_address rem_address st … uid timeout inode
            foreach (var line in Lines($"/proc/{process}/net/{table}").Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                var address = fields[1].Split(':')[0];
                if (fields[3] == "0A") yield return (long.Parse(fields[9], CultureInfo.InvariantCulture), address is "0100007F" or "00000000000000000000000001000000");
            }
        }
    }

    /// <summary>A process's descriptors of sockets, by inode.</summary>
    public static Dictionary<long, int> Sockets(int process)
    {
        const string prefix = "socket:[";
        var found = new Dictionary<long, int>();
        try
        {
            foreach (var path in Directory.GetFiles($"/proc/{process}/fd"))
                if (new FileInfo(path).LinkTarget is { } target && target.StartsWith(prefix, StringComparison.Ordinal))
                    found[long.Parse(target[prefix.Length..^1], CultureInfo.InvariantCulture)] = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }
        return found;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static bool TryDropAll(int process, int descriptor)
    {
        var (child, socket) = ((int)syscall(PidfdOpen, process, 0, 0), -1);
        try
        {
            // The same socket, not another one like it.
            socket = (int)syscall(PidfdGetfd, child, descriptor, 0);
            // One instruction of the kernel's classic filters: return 0, keep nothing of a packet.
            var drop = 0x06UL;
            var program = new FilterProgram(1, &drop);
            return socket >= 0 && setsockopt(socket, SocketLevel, AttachFilter, &program, sizeof(FilterProgram)) == 0;
        }
        finally
        {
            if (socket >= 0) _ = close(socket);
            if (child >= 0) _ = close(child);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct FilterProgram(ushort length, ulong* instructions)
    {
        private readonly ushort length = length;
        private readonly ulong* instructions = instructions;
    }

    [LibraryImport("libc")] private static partial nint syscall(nint number, nint a, nint b, nint c);
    [LibraryImport("libc")] private static partial int setsockopt(int socket, int level, int option, void* value, int length);
    [LibraryImport("libc")] private static partial int close(int descriptor);
}
