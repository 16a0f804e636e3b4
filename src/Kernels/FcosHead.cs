namespace DataSsl.Kernels;

/// <summary>
/// What FCOS says of every position of a pyramid: logits of the classes, and distances of the edges with the centerness (Tian et al. 2019).
/// </summary>
internal sealed unsafe class FcosHead
{
    private readonly Tower classes, edges;

    /// <param name="weights">Of <c>head</c>.</param>
    /// <param name="depth">Convolutions before the logits, and before the boxes.</param>
    /// <param name="groups">Of each one's norm.</param>
    public FcosHead(Machine machine, Weights weights, int[] sides, int width, int classes, int depth, int groups)
    {
        Weights ofClasses = weights.Of("classification_head"), ofEdges = weights.Of("regression_head");
        this.classes = new(machine, ofClasses, sides, width, depth, groups, ofClasses.Convolution("cls_logits", classes, width, 3));
        edges = new(
            machine, ofEdges, sides, width, depth, groups,
            ofEdges.Convolution("bbox_reg", 4, width, 3).With(ofEdges.Convolution("bbox_ctrness", 1, width, 3)));
    }

    /// <summary>[positions, padded classes].</summary>
    public Floats Logits => classes.Output;

    /// <summary>[positions, 16]: left, top, right and bottom before their ReLU, then the centerness's logit.</summary>
    public Floats Edges => edges.Output;

    /// <summary>Makes both of the pyramid's maps, which stay.</summary>
    public void Run(Floats maps)
    {
        classes.Run(maps);
        edges.Run(maps);
    }

    /// <summary>Convolutions with norms, and the last one.</summary>
    private sealed class Tower
    {
        private readonly LevelsConvolution[] convolutions;
        private readonly GroupNorm[][] norms;
        private readonly LevelsConvolution last;
        private readonly Floats values, sums;
        private readonly int[] sides;
        private readonly int padded;

        public Tower(Machine machine, Weights weights, int[] sides, int width, int depth, int groups, Weights.Matrix output)
        {
            (this.sides, padded) = (sides, Lanes.Padded(width));
            var positions = LevelsConvolution.Positions(sides);
            (convolutions, norms) = (new LevelsConvolution[depth], new GroupNorm[depth][]);
            for (var i = 0; i < depth; i++)
            {
                // Convolution, norm and ReLU are three layers of the list.
                var (convolution, norm) = ($"conv.{3 * i}", $"conv.{3 * i + 1}");
                convolutions[i] = new(machine, weights.Convolution(convolution, width, width, 3).ChannelsLast(width), width, sides);
                float[] weight = weights.Read(norm + ".weight", width), bias = weights.Read(norm + ".bias", width);
                norms[i] = Array.ConvertAll(sides, side => new GroupNorm(machine, side * side, groups, weight, bias));
            }
            last = new(machine, output.ChannelsLast(width), width, sides);
            (values, sums) = (new(positions * padded), new(positions * padded));
            Output = new(positions * Lanes.Padded(output.Columns));
        }

        public Floats Output { get; }

        public void Run(Floats maps)
        {
            var from = maps.Pointer;
            for (var i = 0; i < convolutions.Length; i++)
            {
                convolutions[i].Run(from, sums.Pointer);
                nint offset = 0;
                for (var level = 0; level < sides.Length; offset += sides[level] * sides[level] * padded, level++)
                    norms[i][level].Run(sums.Pointer + offset, values.Pointer + offset);
                from = values.Pointer;
            }
            last.Run(from, Output.Pointer);
        }
    }
}
