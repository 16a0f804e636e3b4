using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>The type that convolutions compute in.</summary>
public enum ComputeType
{
    /// <summary>Single precision.</summary>
    [JsonStringEnumMemberName("float32")] Float32,

    /// <summary>16 bits with the range of 32. Weights, their gradients' sums and their updates stay in 32.</summary>
    [JsonStringEnumMemberName("bfloat16")] BFloat16,
}

/// <summary>What a <see cref="ComputeType"/> is to others.</summary>
public static class ComputeTypes
{
    /// <summary>As commands, recipes and configurations write it.</summary>
    public static string Word(this ComputeType type) => type.ToString().ToLowerInvariant();

    /// <summary>libtorch's.</summary>
    public static ScalarType Scalar(this ComputeType type) => type == ComputeType.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
}
