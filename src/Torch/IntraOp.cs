using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// Work on the threads that libtorch's operators run on. Threads of our own would fight over the cores with libtorch's, which wait awake
/// for their next operator. Where libtorch has no OpenMP of GCC's (Windows, macOS), threads of .NET's.
/// </summary>
public static unsafe class IntraOp
{
    private static readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void> s_parallel =
        (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void>)Aten.Symbol("GOMP_parallel");

    /// <summary>Runs the parts, each once, on as many threads as libtorch may use; returns when all are done.</summary>
    /// <param name="parts">How many; a thread takes the next one when it is through with one.</param>
    /// <param name="body">Does one part; calls no operator of libtorch.</param>
    /// <exception cref="AggregateException">Parts failed.</exception>
    public static void For(int parts, Action<int> body)
    {
        var threads = Math.Min(parts, get_num_threads());
        if (threads <= 1)
        {
            for (var part = 0; part < parts; part++) body(part);
            return;
        }
        if (s_parallel == null)
        {
            Parallel.For(0, parts, new() { MaxDegreeOfParallelism = threads }, body);
            return;
        }
        var team = new Team(parts, body);
        var handle = GCHandle.Alloc(team);
        try
        {
            s_parallel(&Work, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }
        if (team.Failures is { } failures) throw new AggregateException(failures);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Work(void* team) => ((Team)GCHandle.FromIntPtr((nint)team).Target!).Run();

    private sealed class Team(int parts, Action<int> body)
    {
        private int taken = -1;

        public List<Exception>? Failures { get; private set; }

        /// <summary>What a thread does. An exception must not leave it: OpenMP's frames lie beyond.</summary>
        public void Run()
        {
            for (int part; (part = Interlocked.Increment(ref taken)) < parts;)
            {
                try
                {
                    body(part);
                }
                catch (Exception e)
                {
                    lock (this) (Failures ??= []).Add(e);
                }
            }
        }
    }
}
