namespace DataSsl.Kernels;

/// <summary>The threads that run each step together, and the vectors that they compute with.</summary>
internal sealed class Machine : IDisposable
{
    /// <summary>How long a thread waits awake, as the next step mostly comes within microseconds.</summary>
    private const int Spins = 4000;

    private readonly object gate = new();
    private Step? step;
    private int round, pending;
    private bool stopped;

    /// <param name="threads">The caller's and as many more as it takes.</param>
    /// <param name="bits">512, 256 or 128; 0 for the widest that the machine has.</param>
    public Machine(int threads, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        if (bits is not (0 or 128 or 256 or 512)) throw new ArgumentOutOfRangeException(nameof(bits), bits, "vectors have 128, 256 or 512 bits");
        (Threads, Bits) = (threads, bits == 0 ? Lanes.Best : bits);
        for (var i = 1; i < threads; i++)
        {
            var part = i;
            new Thread(() => Work(part)) { IsBackground = true, Name = $"inference {part}" }.Start();
        }
    }

    public int Threads { get; }

    public int Bits { get; }

    /// <summary>Runs every part of a step, and returns when all are done.</summary>
    public void Run(Step next)
    {
        if (Threads == 1)
        {
            next.Work(0, 1);
            return;
        }
        ObjectDisposedException.ThrowIf(stopped, this);
        Volatile.Write(ref pending, Threads - 1);
        step = next;
        Advance();
        next.Work(0, Threads);
        for (var wait = new SpinWait(); Volatile.Read(ref pending) > 0;) wait.SpinOnce(sleep1Threshold: -1);
    }

    public void Dispose()
    {
        if (stopped) return;
        stopped = true;
        Advance();
    }

    private void Advance()
    {
        // To wait for the lock would allocate; it is held for an instant only.
        while (!Monitor.TryEnter(gate)) Thread.SpinWait(1);
        Volatile.Write(ref round, round + 1);
        Monitor.PulseAll(gate);
        Monitor.Exit(gate);
    }

    private void Work(int part)
    {
        for (var seen = 0; ; seen++)
        {
            for (var i = 0; Volatile.Read(ref round) == seen && i < Spins; i++) Thread.SpinWait(10);
            lock (gate)
            {
                while (round == seen) Monitor.Wait(gate);
            }
            if (stopped) return;
            step!.Work(part, Threads);
            Interlocked.Decrement(ref pending);
        }
    }
}
