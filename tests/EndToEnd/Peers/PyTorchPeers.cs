using DataSsl.Bench;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd.Peers;

/// <summary>The peers in PyTorch, run once over tensors of a test by <c>check.py</c> beside them.</summary>
internal static class PyTorchPeers
{
    /// <summary>Skips the test where there is no PyTorch; on a CI machine it must be there.</summary>
    public static void Require()
    {
        Assert.False(
            !PeerPrograms.HasPyTorch && Environment.GetEnvironmentVariable("CI") is { Length: > 0 },
            "CI installs PyTorch, and it is not there");
        Skip.IfNot(PeerPrograms.HasPyTorch, "python3-torch and python3-torchvision are not installed");
    }

    /// <summary>The numbers that <c>check.py</c> prints for a file of tensors.</summary>
    public static float[] Numbers(IEnumerable<(string, Tensor)> tensors, params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            SafeTensors.Write(file, tensors, new Dictionary<string, string>());
            var run = EmitProgram.Run(PeerPrograms.Python, [PeerPrograms.Script("check.py"), file, .. arguments]).Succeeded();
            return
            [
                .. run.Output.Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries)
                    .Select(n => float.Parse(n, System.Globalization.CultureInfo.InvariantCulture)),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }
}
