using DataSsl.Runtime;

namespace DataSsl.Bench;

/// <summary>A contestant that may take part.</summary>
/// <param name="Name">As figures are listed by.</param>
/// <param name="Program">What is started.</param>
/// <param name="Arguments">What it is told.</param>
internal sealed record Entry(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>This program.</summary>
    public const string Ours = "ours";

    /// <summary>Another build of it.</summary>
    public const string Against = "against";

    public const string TorchSharp = "torchsharp", TorchSharpStatic = "torchsharp-static", TorchSharpReleased = "torchsharp-released";

    public const string PyTorch = "pytorch", PyTorchStatic = "pytorch-static", PyTorchReleased = "pytorch-released";

    /// <summary>Starts it with as many threads.</summary>
    public Contestant Start(int threads)
    {
        try
        {
            return new(Name, Program, Arguments, threads);
        }
        catch (InvalidOperationException e) when (Name == Against)
        {
            throw new UserException(
                $"--against {Program}: does not run '{string.Join(' ', Arguments.Take(2))}' with these settings ({e.Message})", e);
        }
    }
}
