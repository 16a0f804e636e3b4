using System.Runtime.InteropServices;

namespace DataSsl.Cli.Terminal;

/// <summary>The signals that ask for an end in good order, each with the exit code that shells expect after it.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>SIGUSR1, on Linux: mpirun passes it on to all its processes, which save and end.</summary>
    public const int PassedOn = 10;

    private readonly List<PosixSignalRegistration> registrations;

    /// <summary>Calls back for each until disposed, with its exit code; the signal itself ends nothing.</summary>
    public StopSignals(Action<int> stop)
    {
        List<(PosixSignal Signal, int Code)> signals = [(PosixSignal.SIGINT, 130), (PosixSignal.SIGTERM, 143), (PosixSignal.SIGHUP, 129)];
        if (OperatingSystem.IsLinux()) signals.Add(((PosixSignal)PassedOn, 143));
        registrations = signals.ConvertAll(entry => PosixSignalRegistration.Create(entry.Signal, context =>
        {
            context.Cancel = true;
            stop(entry.Code);
        }));
    }

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
    }
}
