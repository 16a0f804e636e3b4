using System.Runtime.InteropServices;
using System.Text;

namespace DataSsl.Cli.Launch;

/// <summary>
/// The output streams of a process among several: the first one's go to the terminal itself, the others' lines say whose they are.
/// </summary>
internal static partial class Streams
{
    private const int WriteOnly = 1;
    private const int DescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int NotControlling = 0x100;

    /// <summary>Variable by which <c>launch</c> tells its terminal for a stream, 1 or 2.</summary>
    public static string TerminalVariable(int stream) => $"DATASSL_TERMINAL_{stream}";

    /// <summary>The terminal that one of this process's streams is, such as /dev/pts/3; null where it is none.</summary>
    public static string? Terminal(int stream) =>
        isatty(stream) == 1 ? File.ResolveLinkTarget($"/proc/self/fd/{stream}", returnFinalTarget: false)?.FullName : null;

    /// <summary>
    /// Puts the launcher's terminal into the place of mpirun's pipes, in the first process: live tables work then. To be called before
    /// anything is written.
    /// </summary>
    public static void TakeTerminal()
    {
        foreach (var stream in new[] { 1, 2 })
        {
            if (Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_RANK") != "0"
                || Environment.GetEnvironmentVariable(TerminalVariable(stream)) is not { Length: > 0 } path)
                continue;
            var terminal = open(path, WriteOnly | NotControlling);
            // Without it lines come through mpirun, as the others' do.
            if (terminal >= 0) _ = dup2(terminal, stream);
        }
    }

    /// <summary>
    /// Gives output and errors that the caller closed (2&gt;&amp;-) nowhere to go. Their numbers may be those of files by now: whatever the
    /// runtime opened since it was started, which it never leaves to programs that it starts, as a caller must its streams.
    /// </summary>
    public static void ReplaceClosed()
    {
        if (OperatingSystem.IsWindows()) return;
        if (IsClosed(1)) Console.SetOut(TextWriter.Null);
        if (IsClosed(2)) Console.SetError(TextWriter.Null);

        static bool IsClosed(int stream) => fcntl(stream, DescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);
    }

    /// <summary>Results are the first process's alone; what another has to say is marked as its own.</summary>
    public static void NameLines(int rank)
    {
        Console.SetOut(TextWriter.Null);
        Console.SetError(new NamedLines(Console.Error, $"[process {rank}] "));
    }

    [LibraryImport("libc")] private static partial int isatty(int stream);
    [LibraryImport("libc")] private static partial int fcntl(int stream, int command);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc")] private static partial int dup2(int from, int to);

    /// <summary>Writes whole lines, each with a name before it.</summary>
    private sealed class NamedLines(TextWriter to, string name) : TextWriter
    {
        private readonly StringBuilder line = new();

        public override Encoding Encoding => to.Encoding;

        public override void Write(char value)
        {
            lock (line)
            {
                line.Append(value);
                if (value != '\n') return;
                to.Write(name + line);
                line.Clear();
            }
        }
    }
}
