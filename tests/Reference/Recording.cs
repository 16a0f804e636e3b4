using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Tests;

/// <summary>
/// Values that a script of <c>tests/Reference</c> recorded from PyTorch, torchvision, Pillow or Python; see README.md there.
/// </summary>
internal sealed class Recording : IDisposable
{
    /// <summary>Set where the settings beside the scripts are to be written anew rather than compared with.</summary>
    private const string Record = "RECORD_SETTINGS";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Dictionary<string, Tensor> values;

    private Recording(string path) => values = SafeTensors.Read(path).Tensors;

    /// <summary>Where the recordings lie beside the tests.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Reference");

    /// <summary>The repository's own folder of scripts and recordings.</summary>
    public static string Sources
    {
        get
        {
            var root = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(root, "DataSsl.Gen.sln")))
                root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("the tests do not lie in the repository");
            return Path.Combine(root, "tests", "Reference");
        }
    }

    public IEnumerable<string> Names => values.Keys;

    public Tensor this[string name] =>
        values.TryGetValue(name, out var value) ? value : throw new KeyNotFoundException($"nothing is recorded as '{name}'");

    /// <summary>What <c>NAME.py</c> recorded.</summary>
    public static Recording Of(string name) => new(Path.Combine(Folder, $"{name}.safetensors"));

    /// <summary>The same, of settings that are the tests' to choose: those of the recording, in <c>NAME.json</c>, must be these.</summary>
    /// <param name="settings">By case; each is a line of the file.</param>
    public static Recording Of(string name, IEnumerable<(string Case, object Settings)> settings)
    {
        var text =
            $"{{\n{string.Join(",\n", settings.Select(entry => $"\"{entry.Case}\": {JsonSerializer.Serialize(entry.Settings, Json)}"))}\n}}\n";
        if (Environment.GetEnvironmentVariable(Record) is { Length: > 0 }) File.WriteAllText(Path.Combine(Sources, $"{name}.json"), text);
        else Assert.True(
            text == File.ReadAllText(Path.Combine(Folder, $"{name}.json")).ReplaceLineEndings("\n"),
            $"the tests' settings are not those of tests/Reference/{name}.json; record anew, as the README.md there says");
        return Of(name);
    }

    /// <summary>Words that were recorded.</summary>
    public string Text(string name) => Encoding.UTF8.GetString(this[name].bytes);

    public void Dispose()
    {
        foreach (var value in values.Values) value.Dispose();
    }
}
