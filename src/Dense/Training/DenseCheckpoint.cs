using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Dense.Training;

/// <summary>What a file says of the dense network in it.</summary>
/// <param name="Settings">Its head, and how images come to it.</param>
/// <param name="Backbone">The class that it stands on.</param>
/// <param name="Training">How it was trained and what it scored, for people.</param>
public sealed record DenseFacts(DenseSettings Settings, BackboneOrigin Backbone, JsonObject Training);

/// <summary>A trained dense network as one file of safetensors: <see cref="DenseNetwork.State"/>, with its facts as metadata.</summary>
public static class DenseCheckpoint
{
    /// <summary>The metadata that tell such a file from others.</summary>
    public const string Format = "datassl-dense/1";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>What the file of a task is called.</summary>
    public static string FileOf(DenseTask task) => task == DenseTask.Segmentation ? "segmenter.safetensors" : "detector.safetensors";

    /// <summary>Writes a network; whole or not at all.</summary>
    public static void Write(string path, DenseNetwork network, BackboneOrigin backbone, JsonObject training)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(path, network.State, new Dictionary<string, string>
        {
            ["format"] = Format,
            ["facts"] = JsonSerializer.Serialize(new DenseFacts(network.Settings, backbone, training), s_json),
        });
    }

    /// <summary>Whether a file of safetensors is one.</summary>
    /// <exception cref="UserException">It is no such file, or damaged.</exception>
    public static bool IsOne(string path) => SafeTensors.ReadMetadata(path).GetValueOrDefault("format") == Format;

    /// <summary>Reads what a file is of, without its tensors.</summary>
    /// <exception cref="UserException">It is no such file, or damaged.</exception>
    public static DenseFacts Facts(string path)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        if (metadata.GetValueOrDefault("format") != Format || metadata.GetValueOrDefault("facts") is not { } text)
            throw new UserException(
                $"{path}: no detector or segmenter of this program; give a file that 'datassl evaluate detect' or 'segment' wrote");
        try
        {
            var facts = JsonSerializer.Deserialize<DenseFacts>(text, s_json) ?? throw new JsonException("it holds 'null'");
            return facts.Settings.Problem() is { } problem ? throw new JsonException(problem) : facts;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new UserException($"{path}: its metadata are damaged ({e.Message}); train it again", e);
        }
    }

    /// <summary>Reads a network; the caller disposes it.</summary>
    /// <param name="backbone">Makes the class of an origin, with any weights; it becomes the network's.</param>
    /// <exception cref="UserException">It is no such file, or damaged, or its backbone is a class that is known to nobody here.</exception>
    public static (DenseNetwork Network, DenseFacts Facts) Read(
        string path, Func<BackboneOrigin, nn.Module<Tensor, Tensor>> backbone, Device device)
    {
        var facts = Facts(path);
        if (facts.Backbone.Source is null)
            throw new UserException(
                $"{path}: its backbone is the emitted class {facts.Backbone.Title}, whose space it does not know; train it on --checkpoint, --from or --random");
        var network = DenseNetwork.Of(facts.Settings, backbone(facts.Backbone), facts.Backbone.Size, seed: 0, device);
        try
        {
            using var grad = no_grad();
            SafeTensors.ReadInto(path, network.State.ToDictionary(entry => entry.Key, entry => entry.Tensor), othersToo: true);
            return (network, facts);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
