using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Costs;

/// <summary>The TorchSharp class for inference, 32 bits, on a device.</summary>
internal sealed class TimedClass : ITimedNetwork
{
    private readonly nn.Module<Tensor, Tensor> network;
    private readonly Device device;
    private readonly long[] image;
    private readonly List<Tensor> inputs = [];
    private Dictionary<string, nn.Module>? modules;

    public TimedClass(Architecture architecture, int size, Device device)
    {
        network = (nn.Module<Tensor, Tensor>)FixedNetwork.Untrained(architecture, size, folded: true, ScalarType.Float32).to(device);
        (this.device, image) = (device, [1, architecture.Space.InputChannels, size, size]);
    }

    /// <summary>Bytes of its weights.</summary>
    public long WeightBytes => network.parameters().Concat(network.buffers()).Sum(tensor => tensor.numel() * tensor.element_size());

    public Action Whole() => Pass(network, image);

    public Action Block(string key, long[] input)
    {
        modules ??= network.named_modules().ToDictionary(named => named.name, named => named.module);
        return Pass((nn.Module<Tensor, Tensor>)modules[key], input);
    }

    private Action Pass(nn.Module<Tensor, Tensor> of, long[] input)
    {
        var x = rand(input, device: device).DetachFromDisposeScope();
        inputs.Add(x);
        return () =>
        {
            of.call(x).Dispose();
            if (device.type == DeviceType.CUDA) cuda.synchronize(device);
        };
    }

    public void Dispose()
    {
        foreach (var input in inputs) input.Dispose();
        network.Dispose();
    }
}
