using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests.Parity;

/// <summary>Runs every case through PyTorch, in one process, before the first test.</summary>
public sealed partial class PythonFixture : IDisposable
{
    private const string Interpreter = "/usr/bin/python3";
    private readonly string _folder = Directory.CreateTempSubdirectory("parity-").FullName;
    private readonly Dictionary<string, Expected[]> _results = [];
    private readonly Dictionary<string, string> _errors = [];

    public PythonFixture()
    {
        Skipped = Unavailable();
        if (Skipped is null)
            Evaluate();
    }

    /// <summary>Why there is nothing to compare with; null when there is.</summary>
    public string? Skipped { get; }

    public Expected[] this[string name] => _results.TryGetValue(name, out var result) ? result : throw new InvalidOperationException(_errors[name]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public sealed record Expected(long[] Shape, string Dtype, double[] Values);

    private static string? Unavailable()
    {
        if (!File.Exists(Interpreter))
            return $"{Interpreter} is missing";
        var (code, output, _) = Run("-c", "import torch; print(torch.__version__)");
        if (code != 0)
            return "PyTorch is not installed";
        // Kernels and random streams change between versions; parity is meant for the same libtorch.
        return Release().Match(output).Value == Release().Match(__version__).Value ? null : $"PyTorch {output.Trim()} is not libtorch {__version__}";
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+")]
    private static partial Regex Release();

    private void Evaluate()
    {
        using var scope = NewDisposeScope();
        using (var data = File.Create(Path.Combine(_folder, "inputs.bin")))
        {
            List<object> entries = [];
            foreach (var (name, value) in Inputs.Create())
            {
                entries.Add(new { name, shape = value.shape, dtype = value.dtype.ToString(), offset = data.Position });
                data.Write(value.bytes);
            }
            var cases = ParityTests.Cases.Select(entry => new { name = entry.Name, python = entry.Python, grad = entry.Grad });
            File.WriteAllText(Path.Combine(_folder, "cases.json"), JsonSerializer.Serialize(new { inputs = entries, cases }));
        }
        var (code, _, error) = Run(Path.Combine(AppContext.BaseDirectory, "parity.py"), _folder);
        Assert.True(code == 0, error);
        ReadResults();
    }

    private void ReadResults()
    {
        var blob = File.ReadAllBytes(Path.Combine(_folder, "results.bin"));
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "results.json")));
        foreach (var result in document.RootElement.GetProperty("results").EnumerateArray())
        {
            var name = result.GetProperty("name").GetString()!;
            if (result.GetProperty("error").GetString() is { Length: > 0 } error)
                _errors[name] = error;
            else
                _results[name] = [.. result.GetProperty("outputs").EnumerateArray().Select(output => Read(output, blob))];
        }
    }

    private static Expected Read(JsonElement output, byte[] blob)
    {
        long[] shape = [.. output.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        Buffer.BlockCopy(blob, output.GetProperty("offset").GetInt32(), values, 0, values.Length * sizeof(double));
        return new Expected(shape, output.GetProperty("dtype").GetString()!, values);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
