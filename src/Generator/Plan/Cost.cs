using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>Multiply-accumulates of a layer: a product of choices for each position of its output, or for each pair of them.</summary>
/// <param name="Power">1 for weights, which work at each position; 2 for attention, which works on pairs.</param>
public sealed record Work(Quantity Factor, Place Place, int Power);

/// <summary>What a block costs, as products of choices.</summary>
/// <param name="Work">Convolutions, matrices and attention; norms, activations, pooling and heads are not counted, as in DATA's
/// tables.</param>
/// <param name="Weights">Weights of the convolutions and matrices.</param>
/// <param name="Vectors">Norm scales and shifts, biases, tokens and positions.</param>
public sealed record Cost(IReadOnlyList<Work> Work, IReadOnlyList<Quantity> Weights, IReadOnlyList<Quantity> Vectors)
{
    /// <summary>Counts a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="places">Where each of its layers stands, in their order.</param>
    public static Cost Of(Block block, IReadOnlyList<Place> places)
    {
        var (work, weights, vectors) = (new List<Work>(), new List<Quantity>(), new List<Quantity>());
        var position = 0;
        foreach (var layer in block.Layers)
        {
            var place = places[position++];
            // Every pair of tokens once for its weight and once for its value.
            if (layer.HeadSize > 0) work.Add(new(2 * block.Port(layer.Out), place, Power: 2));
            foreach (var tensor in StateTensor.Of(block, layer))
            {
                if (tensor.Role == TensorRole.Vector) vectors.Add(tensor.Count);
                if (tensor.Role != TensorRole.Weight) continue;
                weights.Add(tensor.Count);
                work.Add(new(tensor.Count, place, Power: 1));
            }
        }
        return new(work, weights, vectors);
    }

    /// <summary>The sum of products for an architecture's choices.</summary>
    public static long Sum(IEnumerable<Quantity> terms, EquatableArray<int> choices) => terms.Sum(t => t.At(choices));
}
