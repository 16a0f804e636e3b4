using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl doctor</c>: what this machine will run with.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var json = Options.Json();
        var command = new Command("doctor", "Show the libtorch, devices, threads and number types that will be used.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        var devices = CudaDevices.Names();
        var device = devices.Count > 0 ? CUDA : CPU;
        var facts = new JsonObject
        {
            ["datassl"] = Product.Version,
            ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["system"] = RuntimeInformation.OSDescription,
            ["libtorch"] = LibtorchInfo.Version,
            ["libtorchPath"] = LibtorchInfo.Path,
            ["cpuCapability"] = Processor.Capability,
            ["amx"] = Processor.HasAmx,
            ["caches"] = OneDnnCaches.AreHidden ? "hidden by the hypervisor, oneDNN guesses them" : "known",
            ["threads"] = get_num_threads(),
            ["cores"] = Environment.ProcessorCount,
            ["cuda"] = new JsonArray([.. devices.Select(name => JsonValue.Create(name))]),
            ["mpi"] = MpiInfo.Version ?? "none",
            ["nccl"] = NcclInfo.Version ?? "none",
            ["bf16"] = LibtorchInfo.HasNativeBFloat16(device),
            ["compute"] = ComputeOption.Default(device).Word(),
        };
        if (json) Output.Json(facts);
        else
            foreach (var (name, value) in facts)
                Output.Line($"{name,-14}{(value is JsonArray all ? all.Count == 0 ? "none" : string.Join("; ", all) : value)}");
        return 0;
    }
}
