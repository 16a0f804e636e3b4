using System.Globalization;
using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>What a training step is of, as <c>bench step</c> passes it to every peer.</summary>
internal sealed record StepSettings(
    ScalarType Compute, int Threads, int Batch, int Size, Architecture Largest, bool LowResolution, int[] Strides, Device Device, int Queue,
    int NormGroups)
{
    /// <summary>Reads <c>COMPUTE THREADS BATCH SIZE LARGEST STEM STRIDES DEVICE QUEUE GROUPS</c>.</summary>
    public static StepSettings Parse(string[] words) => new(
        words[0] == "bfloat16"
            ? ScalarType.BFloat16
            : ScalarType.Float32, Number(words[1]), Number(words[2]), Number(words[3]), Architecture.Parse(words[4]), words[5] == "low",
        Architecture.Numbers(words[6]), device(words[7]), Number(words[8]), Number(words[9]));

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
