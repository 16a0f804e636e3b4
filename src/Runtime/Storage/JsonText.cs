using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace DataSsl.Runtime.Storage;

/// <summary>JSON that a killed process, a disk or somebody else may have damaged: what it says twice it does not say.</summary>
public static class JsonText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The object that a text is.</summary>
    /// <exception cref="JsonException">It is none, or no UTF-8, or a name is in it twice.</exception>
    public static JsonObject Object(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text)) throw new JsonException("not UTF-8");
        if (text.Contains((byte)'\\')) CheckEscapes(text);
        return JsonNode.Parse(text, documentOptions: Strict) as JsonObject ?? throw new JsonException("not an object");
    }

    /// <summary>Escapes that stand for half a character would be found only by whoever asks for the text.</summary>
    private static void CheckEscapes(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped) reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("an escape in it stands for no character", e);
        }
    }

    /// <summary>A member that is a text; null for any other.</summary>
    public static string? Text(JsonObject of, string name) =>
        of[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A member that is a whole number; null for any other.</summary>
    public static long? Whole(JsonObject of, string name) =>
        of[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    /// <summary>A member that is a finite number; null for any other.</summary>
    public static double? Number(JsonObject of, string name) =>
        of[name] is JsonValue value && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : null;
}
