using System.Diagnostics;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// Notices, from a process's start on and on a thread of its own, what no operation would: processes that are stopped or whose machine lost
/// power, and a launcher that is gone. The caller's thread may be held for good by an operation, so who is told ends the process.
/// </summary>
internal sealed class PulseWatch : IDisposable
{
    /// <summary>Starting may take long on a busy machine; a stopped process of this machine is told of long before.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private enum Word
    {
        Alive,
        Stop,
    }

    private readonly TimeSpan patience;
    private readonly Action<string> lost;
    private readonly int parent = ParentOf(Environment.ProcessId);
    private readonly AutoResetEvent wake = new(false);
    private readonly CancellationTokenSource stopping = new();
    private readonly Thread thread;
    private volatile PulseRing? ring;
    private volatile bool asked;
    private volatile bool ended;

    /// <param name="patience">How long another may be silent.</param>
    /// <param name="lost">Called once, with what happened.</param>
    public PulseWatch(TimeSpan patience, Action<string> lost)
    {
        (this.patience, this.lost) = (patience, lost);
        thread = new(Watch) { IsBackground = true, Name = "pulse" };
        thread.Start();
    }

    /// <summary>Cancelled when any process asked all to stop.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>Whether any process asked all to stop, this one among them.</summary>
    public bool IsToStop => asked;

    /// <summary>From now on the processes hear one another.</summary>
    public void Met(PulseRing met)
    {
        ring = met;
        wake.Set();
    }

    /// <summary>Asks all processes to stop.</summary>
    public void AskToStop()
    {
        asked = true;
        wake.Set();
    }

    /// <summary>Another process stops, as this one learned before its word came round.</summary>
    public void Stop()
    {
        AskToStop();
        stopping.Cancel();
    }

    /// <summary>Ends the watch; one that hears this process will notice the silence.</summary>
    public void Dispose()
    {
        if (ended) return;
        ended = true;
        wake.Set();
        thread.Join();
        ring?.Dispose();
    }

    private void Watch()
    {
        try
        {
            var (silence, hasMet, told) = (new Silence(patience, Stopwatch.GetTimestamp()), false, false);
            while (!ended)
            {
                silence.Turn(Stopwatch.GetTimestamp());
                if (WithoutLauncher()) Lose("the launcher of this process has ended");
                if (ring is not { } met)
                {
                    if (silence.IsTooLong && Siblings.Stopped(parent).ToList() is { Count: > 0 } stopped)
                        Lose(
                            $"waiting for all processes to start: {(stopped.Count > 1 ? "processes" : "process")} {string.Join(", ", stopped.Order())} stopped");
                    else if (silence.Length > LongestStart)
                        Lose($"not all processes have started within {silence.Length.TotalSeconds:0} s");
                }
                else
                {
                    if (!hasMet) silence.Heard();
                    hasMet = true;
                    while (met.Next() is { } word)
                    {
                        silence.Heard();
                        if (word == (int)Word.Stop) asked = true;
                    }
                    if (asked && !told) told = met.TrySay((int)Word.Stop);
                    else met.TrySay((int)Word.Alive);
                    if (asked) stopping.Cancel();
                    if (silence.IsTooLong) Lose($"process {met.Heard} has not been heard of for {patience.TotalSeconds:0} s");
                }
                wake.WaitOne(Interval);
            }
        }
        catch (ProcessGroupException e)
        {
            Lose(e.Message);
        }
    }

    /// <summary>Whether mpirun, or the launcher that started it, is gone: processes then come to another parent.</summary>
    private bool WithoutLauncher() =>
        ParentOf(Environment.ProcessId) != parent || (LaunchVariables.LauncherProcess is { } launcher && ParentOf(parent) != launcher);

    private static int ParentOf(int process) => Siblings.Of(process)?.Parent ?? 0;

    private void Lose(string what)
    {
        ended = true;
        lost(what);
    }
}
