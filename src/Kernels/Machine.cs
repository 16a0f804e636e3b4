namespace DataSsl.Kernels;

/// <summary>The threads that run each step together, and the vectors that they compute with.</summary>
internal sealed class Machine : IDisposable
{
    /// <summary>How long a thread waits awake, as the next step mostly comes within microseconds.</summary>
    private const int Spins = 4000;

    /// <summary>Bits for the parts of a step.</summary>
    private const int MostThreads = 32;

    private readonly object gate = new();
    private Step? step;

    /// <summary>
    /// The number of the step, and below it a bit for each of its parts that a thread has taken: a thread that comes late can take none of
    /// another step's.
    /// </summary>
    private long taken;
    private int pending;
    private bool stopped;

    /// <param name="threads">The caller's and as many more as it takes, up to 32.</param>
    /// <param name="bits">512, 256 or 128; 0 for the widest that the machine has.</param>
    public Machine(int threads, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        if (bits is not (0 or 128 or 256 or 512))
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "vectors have 128, 256 or 512 bits");
        (Threads, Bits) = (Math.Min(threads, MostThreads), bits == 0 ? Lanes.Best : bits);
        for (var i = 1; i < Threads; i++)
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
        Volatile.Write(ref pending, Threads);
        step = next;
        Advance();
        Take(0, Volatile.Read(ref taken) >> MostThreads);
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
        Volatile.Write(ref taken, ((taken >> MostThreads) + 1) << MostThreads);
        Monitor.PulseAll(gate);
        Monitor.Exit(gate);
    }

    private void Work(int part)
    {
        for (var seen = 0L; ;)
        {
            for (var i = 0; Volatile.Read(ref taken) >> MostThreads == seen && i < Spins; i++) Thread.SpinWait(10);
            lock (gate)
            {
                while (Volatile.Read(ref taken) >> MostThreads == seen) Monitor.Wait(gate);
                seen = Volatile.Read(ref taken) >> MostThreads;
            }
            if (stopped) return;
            Take(part, seen);
        }
    }

    /// <summary>Does a step's part of this thread, whose values are near, and then those of threads that the system lets wait.</summary>
    private void Take(int part, long round)
    {
        for (var i = 0; i < Threads; i++)
        {
            var (next, old) = ((part + i) % Threads, Volatile.Read(ref taken));
            for (var bit = 1L << next; old >> MostThreads == round && (old & bit) == 0;)
            {
                var before = Interlocked.CompareExchange(ref taken, old | bit, old);
                if (before == old)
                {
                    step!.Work(next, Threads);
                    Interlocked.Decrement(ref pending);
                    break;
                }
                old = before;
            }
        }
    }
}
