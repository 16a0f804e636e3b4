using DataSsl.Runtime;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Cli.Shared;

/// <summary>The type that convolutions compute in.</summary>
internal static class Compute
{
    /// <summary>bfloat16 where the hardware executes it, float32 otherwise: emulated bfloat16 is several times slower.</summary>
    public static string Default(Device device) => LibtorchInfo.HasNativeBFloat16(device) ? "bfloat16" : "float32";

    public static string Parse(string text, Device device) => text switch
    {
        "auto" => Default(device),
        "float32" or "fp32" => "float32",
        "bfloat16" or "bf16" => "bfloat16",
        _ => throw new UserException($"--compute {text}: give auto, float32 or bfloat16"),
    };
}
