using System.Diagnostics;

namespace DataSsl.Torch;

/// <summary>Counts up this process's pulse in the group's store and looks whether those of the others go on.</summary>
internal sealed class PulseWatch : IDisposable
{
    // More than any pulse counts: who has added this has ended its watch and may be silent.
    private const long DoneCount = 1L << 40;
    private readonly NativeGroup group;
    private readonly int number;
    private readonly int rank;
    private readonly TimeSpan patience;
    private readonly Action<int> lost;
    private readonly long[] counts;
    private readonly long[] seen;
    private readonly long[] since;
    private readonly ManualResetEventSlim ending = new();
    private readonly Thread beating;
    private readonly Thread looking;
    private bool done;
    private int told;

    public PulseWatch(NativeGroup group, int number, int rank, int size, TimeSpan patience, Action<int> lost)
    {
        (this.group, this.number, this.rank, this.patience, this.lost) = (group, number, rank, patience, lost);
        (counts, seen, since) = (new long[size], new long[size], new long[size]);
        Array.Fill(since, Stopwatch.GetTimestamp());
        beating = new(Beat) { IsBackground = true, Name = "pulse" };
        looking = new(Look) { IsBackground = true, Name = "pulse watch" };
        beating.Start();
        looking.Start();
    }

    private TimeSpan Interval => patience / 8;

    private void Beat()
    {
        try
        {
            do
            {
                group.Pulse(number, rank, 1, counts);
                for (var other = 0; other < counts.Length; other++)
                {
                    if (counts[other] == seen[other] && counts[other] < DoneCount) continue;
                    seen[other] = counts[other];
                    Volatile.Write(ref since[other], Stopwatch.GetTimestamp());
                }
            }
            while (!ending.Wait(Interval));
            if (done) group.Pulse(number, rank, DoneCount, counts);
        }
        catch (ProcessGroupException)
        {
            // The store is gone, and the first process with it. An operation may say so at once; if none does, the silence will.
        }
    }

    /// <summary>On a thread of its own: a store on a machine without power keeps the other one waiting, and then all ages grow.</summary>
    private void Look()
    {
        while (!ending.Wait(Interval))
        {
            for (var other = 0; other < since.Length; other++)
                if (Stopwatch.GetElapsedTime(Volatile.Read(ref since[other])) > patience) Tell(other == rank ? 0 : other);
        }
    }

    private void Tell(int other)
    {
        if (Interlocked.Exchange(ref told, 1) == 0) lost(other);
    }

    /// <summary>Ends the watch and tells the others that this process may be silent from now on.</summary>
    public void Done()
    {
        done = true;
        End();
    }

    /// <summary>Ends the watch; the others will notice the silence.</summary>
    public void Dispose()
    {
        End();
        ending.Dispose();
    }

    private void End()
    {
        ending.Set();
        beating.Join();
        looking.Join();
    }
}
