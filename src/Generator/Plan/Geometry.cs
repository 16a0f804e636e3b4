using System;
using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Plan;

/// <summary>A layer that changes the side of a map: out = (in + reach) / stride + 1.</summary>
public sealed record Reduction(int Reach, int Stride)
{
    /// <summary>What becomes of a side, in pixels.</summary>
    public int Of(int side) => (side + Reach) / Stride + 1;
}

/// <summary>What a layer's output is: a map after a number of reductions, or the tokens of such a map's positions.</summary>
/// <param name="Side">How many reductions come before.</param>
/// <param name="Tokens">[N, T, C] and not [N, C, H, W].</param>
/// <param name="Extra">Tokens beyond the map's positions: the class token.</param>
public sealed record Place(int Side, bool Tokens, int Extra)
{
    /// <summary>The image.</summary>
    public static Place Input { get; } = new(0, false, 0);
}

/// <summary>
/// Where each layer of a plan stands. It does not depend on the architecture: depth leaves sides as they are, and so do odd kernels.
/// </summary>
public sealed class Geometry
{
    private readonly List<Reduction> reductions = [];
    private readonly List<Place[][]> places = [];

    /// <summary>Follows an image through the segments of a network.</summary>
    public Geometry(IReadOnlyList<Segment> segments)
    {
        var place = Place.Input;
        // Only a segment's first block moves on: the others stand where the second does.
        foreach (var segment in segments) places.Add([.. segment.Kinds.Select(PlacesOf)]);

        Place[] PlacesOf(Block block)
        {
            var main = block.Template.Layers.Select(layer => place = After(layer, block, place)).ToList();
            // A projection ends where the branch ends, so its output has the side that the branch has reached.
            return [.. main, .. block.Layers.Skip(main.Count).Select(_ => place)];
        }
    }

    /// <summary>Every reduction in order.</summary>
    public IReadOnlyList<Reduction> Reductions => reductions;

    /// <summary>The place of each of a block's layers, in the block's order.</summary>
    public IReadOnlyList<Place> Of(int segment, int block) => places[segment][Math.Min(block, 1)];

    /// <summary>What a segment gives.</summary>
    public Place After(int segment) => places[segment][0].Last();

    /// <summary>The side of a map at a place, for a square input.</summary>
    public int SideAt(Place place, int size) => reductions.Take(place.Side).Aggregate(size, (side, reduction) => reduction.Of(side));

    /// <summary>The pixels of a map, or all tokens, at a place, for a square input.</summary>
    public long PositionsAt(Place place, int size)
    {
        long side = SideAt(place, size);
        return side * side + place.Extra;
    }

    private Place After(Layer layer, Block block, Place place)
    {
        if (block.StrideOf(layer) > 1)
        {
            reductions.Add(new(layer.Reach, block.StrideOf(layer)));
            place = place with { Side = place.Side + 1 };
        }
        if (layer.GivesTokens) place = place with { Tokens = true };
        return layer.AddsToken ? place with { Extra = place.Extra + 1 } : place;
    }
}
