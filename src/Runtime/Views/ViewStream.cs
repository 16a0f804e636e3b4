using DataSsl.Runtime.Data;
using TorchSharp;

namespace DataSsl.Runtime.Views;

/// <summary>
/// The views of one step after another, made in the background while earlier steps compute. What a step gets depends on its number alone;
/// at most
/// <c>ahead + 1</c> batches exist, and on the CPU their memory is used again and again.
/// </summary>
public sealed class ViewStream : IDisposable
{
    private readonly ImageStore store;
    private readonly ViewPlan plan;
    private readonly ulong seed;
    private readonly Func<long, int[]> indices;
    private readonly Func<long, int[]>? keys;
    private readonly torch.Device device;
    private readonly int ahead;
    private readonly long end;
    private readonly CancellationTokenSource disposal = new();
    private readonly Queue<Task<ViewBatch>> pending = new();
    private readonly Stack<ViewBatch> free = new();
    private Task last = Task.CompletedTask;
    private ViewBatch? current;
    private long next;

    /// <param name="store">The images.</param>
    /// <param name="plan">The views.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="indices">The images of a step; called in the background, for one step at a time.</param>
    /// <param name="first">The step that comes first.</param>
    /// <param name="end">One past the last step.</param>
    /// <param name="device">Where the views are to be.</param>
    /// <param name="keys">The teacher's images where they are others than the student's, as many; called after
    /// <paramref name="indices"/>.</param>
    /// <param name="ahead">Steps to make while one is in use; 0 makes each when it is asked for.</param>
    /// <exception cref="UserException">The plan cannot be made.</exception>
    public ViewStream(
        ImageStore store, ViewPlan plan, ulong seed, Func<long, int[]> indices, long first, long end, torch.Device device, int ahead = 1,
        Func<long, int[]>? keys = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ahead);
        plan.Check();
        (this.store, this.plan, this.seed, this.indices, this.keys, next, this.end, this.device,
            this.ahead) = (store, plan, seed, indices, keys, first, end, device, ahead);
        Fill(ahead);
    }

    /// <summary>The views of the next step; they are the stream's, and good until the next call.</summary>
    /// <exception cref="UserException">A file that decoded when the store was loaded no longer does.</exception>
    /// <exception cref="InvalidOperationException">There is no further step.</exception>
    public ViewBatch Next()
    {
        ObjectDisposedException.ThrowIf(disposal.IsCancellationRequested, this);
        if (current is { } used) Recycle(used);
        current = null;
        Fill(Math.Max(ahead, 1));
        if (pending.Count == 0) throw new InvalidOperationException($"the stream ended before step {end}");
        current = pending.Dequeue().GetAwaiter().GetResult();
        Fill(ahead);
        return current;
    }

    private void Fill(int count)
    {
        while (pending.Count < count && next < end) Begin();
    }

    private void Recycle(ViewBatch used)
    {
        if (device.type == DeviceType.CPU) free.Push(used);
        else used.Dispose();
    }

    /// <summary>Starts the next step's views when those before are done: one at a time keeps the memory of the workers bounded.</summary>
    private void Begin()
    {
        var (step, room, before) = (next++, free.TryPop(out var batch) ? batch : null, last);
        var task = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                disposal.Token.ThrowIfCancellationRequested();
                return ViewMaker.MakeBatch(store, indices(step), plan, seed, step, device, room, disposal.Token, keys?.Invoke(step));
            }
            catch
            {
                room?.Dispose();
                throw;
            }
        });
        pending.Enqueue(task);
        last = task;
    }

    /// <summary>Ends what is being made and frees all batches.</summary>
    public void Dispose()
    {
        disposal.Cancel();
        current?.Dispose();
        foreach (var batch in free) batch.Dispose();
        foreach (var task in pending)
        {
            // A failure of what nobody will ask for is nobody's.
            Task.WaitAny(task);
            if (task.IsCompletedSuccessfully) task.Result.Dispose();
            else _ = task.Exception;
        }
        current = null;
        pending.Clear();
        free.Clear();
    }
}
