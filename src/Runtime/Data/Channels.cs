using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataSsl.Runtime.Data;

/// <summary>One value for each channel of an image; those with the same values are equal.</summary>
[JsonConverter(typeof(ChannelsJson))]
public readonly struct Channels : IEquatable<Channels>
{
    private readonly double[]? values;

    /// <param name="values">In the channels' order.</param>
    public Channels(params ReadOnlySpan<double> values) => this.values = values.ToArray();

    /// <summary>How many.</summary>
    public int Count => Values.Length;

    /// <summary>All of them, in order.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>That of one channel.</summary>
    public double this[int channel] => Values[channel];

    /// <summary>The same in 32 bits.</summary>
    public float[] ToSingle() => [.. Values.ToArray().Select(value => (float)value)];

    /// <summary>What divides becomes what is multiplied with, in 32 bits.</summary>
    public float[] Inverse() => [.. Values.ToArray().Select(value => (float)(1 / value))];

    /// <inheritdoc/>
    public bool Equals(Channels other) => Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Channels other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in Values) hash.Add(value);
        return hash.ToHashCode();
    }

    /// <inheritdoc cref="Equals(Channels)"/>
    public static bool operator ==(Channels left, Channels right) => left.Equals(right);

    /// <inheritdoc cref="Equals(Channels)"/>
    public static bool operator !=(Channels left, Channels right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() =>
        $"({string.Join(", ", Values.ToArray().Select(value => value.ToString(CultureInfo.InvariantCulture)))})";
}

/// <summary>Three channels by their colours' names, as files of all versions have them, other numbers as a list.</summary>
internal sealed class ChannelsJson : JsonConverter<Channels>
{
    private static readonly string[] colours = ["red", "green", "blue"];

    public override Channels Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            var list = new List<double>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(reader.GetDouble());
            return new(list.ToArray());
        }
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("one value for each channel is expected");
        var found = new double?[colours.Length];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var colour = Array.IndexOf(colours, reader.GetString());
            reader.Read();
            if (colour < 0 || found[colour] is not null) throw new JsonException("red, green and blue are expected, each once");
            found[colour] = reader.GetDouble();
        }
        return found is [{ } red, { } green, { } blue] ? new(red, green, blue) : throw new JsonException("red, green or blue is missing");
    }

    public override void Write(Utf8JsonWriter writer, Channels value, JsonSerializerOptions options)
    {
        if (value.Count != colours.Length)
        {
            writer.WriteStartArray();
            foreach (var one in value.Values) writer.WriteNumberValue(one);
            writer.WriteEndArray();
            return;
        }
        writer.WriteStartObject();
        for (var i = 0; i < colours.Length; i++) writer.WriteNumber(colours[i], value[i]);
        writer.WriteEndObject();
    }
}
