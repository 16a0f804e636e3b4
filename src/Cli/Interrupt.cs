using System.Runtime.InteropServices;

namespace DataSsl.Cli;

/// <summary>
/// Turns SIGINT, SIGTERM, SIGHUP (the terminal was closed) and, on Linux, SIGUSR1 (which mpirun passes on to all its processes) into a request to stop after the present step. One that the program was started to ignore,
/// as nohup has it of SIGHUP, stays ignored: .NET sees to that.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    /// <summary>What a verb that was interrupted begins its last line with; the launcher looks for it.</summary>
    public const string Word = "interrupted: ";

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;
    private readonly PosixSignalRegistration hangUp;
    private readonly PosixSignalRegistration? passedOn;

    public Interrupt()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 130));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 143));
        hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, 129));
        if (OperatingSystem.IsLinux()) passedOn = PosixSignalRegistration.Create((PosixSignal)10, context => Stop(context, 143));
    }

    public CancellationToken Token => source.Token;

    /// <summary>0 unless a signal came; then the exit code that shells expect.</summary>
    public int ExitCode { get; private set; }

    private void Stop(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        ExitCode = code;
        source.Cancel();
    }

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        hangUp.Dispose();
        passedOn?.Dispose();
        source.Dispose();
    }
}
