using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Search.Costs;

/// <summary>The pure C# class, in 32 or in 8 bits, on as many threads as the process computes with.</summary>
internal sealed class TimedPure : ITimedNetwork
{
    private readonly PureNetwork network;
    private readonly float[] image, embedding;

    public TimedPure(Architecture architecture, int size, bool inBytes)
    {
        network = FixedNetwork.UntrainedPure(architecture, size, get_num_threads(), inBytes, isSilent: true);
        (image, embedding) = (new float[architecture.Space.InputChannels * size * size], new float[architecture.EmbeddingChannels]);
        // The passes of a block take what lies in their places, which one image has filled.
        Array.Fill(image, 0.5f);
        Embed();
    }

    public Action Whole() => Embed;

    public Action Block(string key, long[] input)
    {
        var passes = network.PassesOf(key);
        return () =>
        {
            foreach (var pass in passes) pass();
        };
    }

    private void Embed() => network.Embed(image, embedding);

    public void Dispose() => network.Dispose();
}
