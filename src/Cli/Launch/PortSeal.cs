using System.Globalization;
using System.Runtime.InteropServices;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using Microsoft.Win32.SafeHandles;

namespace DataSsl.Cli.Launch;

/// <summary>
/// Keeps strangers from the ports that mpirun listens on. It binds some to all addresses, whatever it is told, and one to that of this
/// machine, by which its processes find it; who connects there and sends a single byte, or nothing, holds it up for good. So the kernel is
/// told to drop whatever arrives there, but for what comes from where one of mpirun's processes is seen to knock: TCP knocks again after a
/// second.
/// </summary>
/// <param name="process">mpirun: a child of this process.</param>
internal sealed unsafe partial class PortSeal(int process)
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const int PidfdOpen = 434;
    private const int PidfdGetfd = 438;
    private const int BothWays = 2;

    private readonly HashSet<string> members = [];
    private readonly Dictionary<long, int> letIn = [];

    /// <summary>Whether there is a port that cannot be closed, as in a container that forbids it.</summary>
    public bool IsForbidden { get; private set; }

    /// <summary>Whether a port has been found.</summary>
    public bool HasBegun => letIn.Count > 0;

    /// <summary>
    /// Closes ports that are new, opens them to members that knock, and shows out who came before they were closed. To be called again and
    /// again.
    /// </summary>
    /// <param name="haveMet">All members are in, and nobody comes in any more. Connections that are open stay so.</param>
    /// <returns>Whether strangers were there, some of whom mpirun may not have taken in yet.</returns>
    public bool Look(bool haveMet)
    {
        var (own, connections) = (SocketsOf(process), Connections(process).ToList());
        var listening = connections.Where(c => c.IsListening && own.ContainsKey(c.Socket)).ToList();
        if (listening.Count == 0 || IsForbidden) return false;
        foreach (var port in listening.Where(port => !letIn.ContainsKey(port.Socket))) LetIn(port, own, []);
        Know(connections, listening);
        var from = haveMet ? [] : members;
        foreach (var port in listening.Where(port => letIn[port.Socket] != from.Count)) LetIn(port, own, from);

        var strangers = Strangers(connections).ToList();
        if (strangers.Count == 0) return false;
        // The table is no picture of one moment: a member's end of a connection may have been missed.
        Know([.. Connections(process)], listening);
        foreach (var stranger in Strangers(strangers))
        {
            if (!own.TryGetValue(stranger.Socket, out var descriptor)) continue;
            using var socket = Borrow(descriptor);
            if (!socket.IsInvalid) _ = shutdown(socket, BothWays);
        }
        return true;

        IEnumerable<Connection> Strangers(IEnumerable<Connection> among) =>
            among.Where(
                c =>
                    c.IsOpen && (c.Socket == 0 || own.ContainsKey(c.Socket)) && listening.Any(port => port.Port == c.Port)
                        && !members.Contains(c.Remote));
    }

    /// <summary>TCP connections and listening sockets in the network that a process sees.</summary>
    public static IEnumerable<Connection> Connections(int process)
    {
        foreach (var table in new[] { "tcp", "tcp6" })
        {
            // sl local_address rem_address st … uid timeout inode
            foreach (var line in Lines($"/proc/{process}/net/{table}").Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                yield return new(long.Parse(fields[9], CultureInfo.InvariantCulture), Place(fields[1]), Place(fields[2]), fields[3]);
            }
        }

        // An address of the old kind stands in that of the new kind.
        static string Place(string field) => field.StartsWith("0000000000000000FFFF0000", StringComparison.Ordinal) ? field[24..] : field;
    }

    /// <summary>A process's descriptors of sockets, by the sockets' numbers.</summary>
    public static Dictionary<long, int> SocketsOf(int process)
    {
        const string prefix = "socket:[";
        var found = new Dictionary<long, int>();
        try
        {
            foreach (var path in Directory.GetFiles($"/proc/{process}/fd"))
                if (new FileInfo(path).LinkTarget is { } target && target.StartsWith(prefix, StringComparison.Ordinal))
                    found[
                        long.Parse(target[prefix.Length..^1], CultureInfo.InvariantCulture)] = int.Parse(
                            Path.GetFileName(path), CultureInfo.InvariantCulture);
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

    /// <summary>Members are those whose sockets are a process's that mpirun started.</summary>
    private void Know(List<Connection> connections, List<Connection> listening)
    {
        var knocking = connections.Where(
                c => !c.IsListening && listening.Any(port => port.Port == c.RemotePort) && !members.Contains(c.Local))
            .ToList();
        if (knocking.Count == 0) return;
        var theirs = Siblings.ChildrenOf(process).SelectMany(SocketsOf).Select(socket => socket.Key).ToHashSet();
        members.UnionWith(knocking.Where(c => theirs.Contains(c.Socket)).Select(c => c.Local));
    }

    private void LetIn(Connection port, Dictionary<long, int> own, HashSet<string> from)
    {
        // The kernel's classic filters, over a packet from its TCP header on: load the port it comes from; for each, if it is that, keep
        // all of the packet; keep nothing.
        var (load, drop) = (Instruction(0x28, 0), Instruction(0x06, 0));
        ulong[] instructions =
        [
            load,
            .. from.SelectMany(place => (ulong[])[Instruction(0x15, Connection.PortOf(place), skip: 1), Instruction(0x06, uint.MaxValue)]),
            drop,
        ];
        letIn[port.Socket] = from.Count;
        using var socket = Borrow(own[port.Socket]);
        fixed (ulong* first = instructions)
        {
            var program = new FilterProgram((ushort)instructions.Length, first);
            if (socket.IsInvalid || setsockopt(socket, SocketLevel, AttachFilter, &program, sizeof(FilterProgram)) != 0) IsForbidden = true;
        }

        static ulong Instruction(ushort code, uint operand, byte skip = 0) => code | ((ulong)skip << 24) | ((ulong)operand << 32);
    }

    /// <summary>mpirun's socket: the same, not another one like it. Invalid where it cannot be had.</summary>
    private SafeFileHandle Borrow(int descriptor)
    {
        using var child = new SafeFileHandle(syscall(PidfdOpen, process, 0, 0), ownsHandle: true);
        return new(child.IsInvalid ? -1 : syscall(PidfdGetfd, child.DangerousGetHandle(), descriptor, 0), ownsHandle: true);
    }

    /// <summary>One end of a connection, or a port that listens; places are the kernel's words for address and port.</summary>
    /// <param name="Socket">The socket's number; 0 where no process has taken the connection yet.</param>
    /// <param name="Local">This end.</param>
    /// <param name="Remote">The other end.</param>
    /// <param name="State">As the kernel has it, in hexadecimal digits.</param>
    internal readonly record struct Connection(long Socket, string Local, string Remote, string State)
    {
        public bool IsListening => State == "0A";

        /// <summary>Come about, or about to.</summary>
        public bool IsOpen => State is "01" or "03";

        public uint Port => PortOf(Local);

        public uint RemotePort => PortOf(Remote);

        public static uint PortOf(string place) =>
            uint.Parse(place.AsSpan(place.IndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct FilterProgram(ushort length, ulong* instructions)
    {
        private readonly ushort length = length;
        private readonly ulong* instructions = instructions;
    }

    [LibraryImport("libc")] private static partial nint syscall(nint number, nint a, nint b, nint c);
    [LibraryImport("libc")] private static partial int setsockopt(SafeFileHandle socket, int level, int option, void* value, int length);
    [LibraryImport("libc")] private static partial int shutdown(SafeFileHandle socket, int how);
}
