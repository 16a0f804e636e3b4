using System.Text.Json.Serialization;

namespace DataSsl.Runtime.Data;

/// <summary>What a pixel of a picture holds: so many bands, each of 8 or 16 bits, side by side.</summary>
/// <param name="Bands">1 to <see cref="MostBands"/>.</param>
/// <param name="Bits">8 or 16 of each band; 16 in the order of this machine, the low byte first.</param>
public readonly record struct PixelFormat(int Bands, int Bits)
{
    /// <summary>The bands of the widest pictures that are read.</summary>
    public const int MostBands = 16;

    /// <summary>Red, green and blue of 8 bits: what every kind of picture can be brought to.</summary>
    public static PixelFormat Rgb { get; } = new(3, 8);

    /// <summary>Bytes of a pixel.</summary>
    [JsonIgnore]
    public int Bytes => Bands * Bits / 8;

    /// <summary>The largest value of a band, which stands for 1.</summary>
    [JsonIgnore]
    public int Largest => Bits == 8 ? byte.MaxValue : ushort.MaxValue;

    /// <inheritdoc/>
    public override string ToString() =>
        this == Rgb ? "red, green and blue of 8 bits" : $"{Bands} band{(Bands == 1 ? "" : "s")} of {Bits} bits";
}
