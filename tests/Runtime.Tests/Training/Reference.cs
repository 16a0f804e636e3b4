using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Hands tensors to a plain PyTorch script on the tiny network and reads what it computes.</summary>
internal static class Reference
{
    /// <summary>Skips the test where PyTorch is not installed. The caller disposes the tensors.</summary>
    public static Dictionary<string, Tensor> Run(string script, IEnumerable<(string Name, Tensor Tensor)> tensors, Dictionary<string, string> metadata)
    {
        using var folder = new TemporaryFolder();
        SafeTensors.Write(folder["start.safetensors"], tensors, metadata);
        Run(script, folder.Path);
        return SafeTensors.Read(folder["expected.safetensors"]).Tensors;
    }

    /// <summary>The same in a folder that holds what the script reads.</summary>
    public static void Run(string script, string folder) => Peer.Run(Source("tiny_net.py") + Source(script), folder);

    private static string Source(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Training", name)) + "\n";
}
