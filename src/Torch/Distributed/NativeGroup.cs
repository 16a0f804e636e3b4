using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>The NuGet provider has no process groups: none is ever made.</summary>
internal sealed class NativeGroup : IDisposable
{
    private NativeGroup()
    {
    }

    public static bool IsAvailable(string backend) => false;

    public static string Missing(string backend) => $"process groups ({backend}) are not there yet.";

    public static NativeGroup Join(string backend, Rendezvous place, TimeSpan timeout) => throw new PlatformNotSupportedException(Missing(backend));

    public void AllReduce(Tensor tensor) => throw new PlatformNotSupportedException();

    public Tensor Sum(Tensor term) => throw new PlatformNotSupportedException();

    public void AllGather(Tensor tensor, Tensor[] parts) => throw new PlatformNotSupportedException();

    public void Broadcast(Tensor tensor, int root) => throw new PlatformNotSupportedException();

    public void Pulse(int watch, int rank, long add, long[] counts) => throw new PlatformNotSupportedException();

    public void Dispose()
    {
    }
}
