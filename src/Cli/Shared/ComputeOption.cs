using System.CommandLine;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Cli.Shared;

/// <summary>The option for the type that convolutions compute in.</summary>
internal static class ComputeOption
{
    public static Option<string> Create() =>
        new("--compute")
        {
            Description = "Type of the convolutions: auto, float32, bfloat16.",
            DefaultValueFactory = _ => "auto",
            HelpName = "TYPE",
        };

    /// <summary>bfloat16 where the hardware executes it, float32 otherwise: emulated bfloat16 is several times slower.</summary>
    public static ComputeType Default(Device device) => LibtorchInfo.HasNativeBFloat16(device) ? ComputeType.BFloat16 : ComputeType.Float32;

    public static ComputeType Read(string text, Device device) => text switch
    {
        "auto" => Default(device),
        "float32" or "fp32" => ComputeType.Float32,
        "bfloat16" or "bf16" => ComputeType.BFloat16,
        _ => throw new UserException($"--compute {text}: give auto, float32 or bfloat16"),
    };
}
