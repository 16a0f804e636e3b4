using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataSsl.Runtime.Training;

/// <summary>Everything that decides a training run. Saved with it; a resumed run takes it from there.</summary>
public sealed record TrainOptions
{
    /// <summary>Name of the compiled space.</summary>
    public required string Space { get; init; }

    /// <summary>Content hash of the space's plan.</summary>
    public required string SpaceHash { get; init; }

    /// <summary>Folder of images.</summary>
    public required string Data { get; init; }

    /// <summary>Hash of what the folder held when the run began.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>Side of the square views in pixels.</summary>
    public required int Size { get; init; }

    public required int Batch { get; init; }

    public required int Epochs { get; init; }

    /// <summary>Learning rate at the start of the cosine.</summary>
    public required double Rate { get; init; }

    public required long Seed { get; init; }

    /// <summary>Type that convolutions compute in: float32 or bfloat16.</summary>
    public required string Compute { get; init; }

    public required MoCoOptions MoCo { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, TrainOptionsJson.Default.TrainOptions);

    public static TrainOptions FromJson(string path, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, TrainOptionsJson.Default.TrainOptions) ?? throw new UserException($"{path}: empty configuration");
        }
        catch (JsonException e)
        {
            throw new UserException($"{path}: not a run's configuration ({e.Message})", e);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, NewLine = "\n")]
[JsonSerializable(typeof(TrainOptions))]
internal sealed partial class TrainOptionsJson : JsonSerializerContext;
