namespace DataSsl.Cli.Terminal;

/// <summary>
/// Turns SIGINT, SIGTERM, SIGHUP (the terminal was closed) and, on Linux, SIGUSR1 (which mpirun passes on to all its processes) into a
/// request to stop after the present step. One that the program was started to ignore, as nohup has it of SIGHUP, stays ignored: .NET sees
/// to that.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    /// <summary>What a verb that was interrupted begins its last line with; the launcher looks for it.</summary>
    public const string Word = "interrupted: ";

    private readonly CancellationTokenSource source = new();
    private readonly StopSignals signals;

    public Interrupt() => signals = new(Stop);

    public CancellationToken Token => source.Token;

    /// <summary>0 unless a signal came; then the exit code that shells expect.</summary>
    public int ExitCode { get; private set; }

    private void Stop(int code)
    {
        ExitCode = code;
        source.Cancel();
    }

    public void Dispose()
    {
        signals.Dispose();
        source.Dispose();
    }
}
