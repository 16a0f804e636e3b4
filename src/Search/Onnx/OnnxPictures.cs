using DataSsl.Generator.Emit;
using DataSsl.Kernels;

namespace DataSsl.Search.Onnx;

/// <summary>
/// What comes before the network, as standard operators: pictures of bytes of any size become the images that evaluation shows
/// (<see cref="ShownImage"/>). A resize along an axis is a product with the matrix of its filter's weights, worked out from the picture's
/// sides in whole numbers: few runtimes know the operator Resize with antialiasing, all know a product.
/// </summary>
internal sealed class OnnxPictures(OnnxGraph graph, int side, PictureRule rule)
{
    /// <summary>Input: [N, height, width, C], red, green and blue of each pixel, or its grey.</summary>
    public const string Pixels = "pixels";

    private int counter;

    /// <summary>The images [N, C, S, S].</summary>
    public string Images()
    {
        var pixels = graph.Bytes(Pixels, "N", "height", "width", rule.Channels);
        var shape = Op("Shape", [pixels]);
        var (count, height, width) = (At(0), At(1), At(2));
        var shorter = Op("Min", [height, width]);
        var (down, across) = (Matrix(height, shorter), Matrix(width, shorter));
        var rows = Op("Reshape", [Float(pixels), Shape(count, height, graph.Integers(-1))]);
        var resized = Op("Reshape", [Op("MatMul", [down, rows]), Shape(count, graph.Integers(side), width, graph.Integers(rule.Channels))]);
        var planes = Op("Transpose", [resized], ("perm", new long[] { 0, 3, 1, 2 }));
        var square = Op("MatMul", [planes, Op("Transpose", [across], ("perm", new long[] { 1, 0 }))]);
        var less = Op("Sub", [square, PerChannel("mean", [.. rule.Mean.Select(mean => (float)(255 * mean))])]);
        return Op("Mul", [less, PerChannel("factor", [.. rule.Deviation.Select(d => (float)(1 / (255 * d)))])]);

        string At(long index) => Op("Slice", [shape, graph.Integers(index), graph.Integers(index + 1)]);

        string Shape(params string[] sides) => Op("Concat", sides, ("axis", 0L));

        string PerChannel(string name, float[] values)
        {
            using var tensor = TorchSharp.torch.tensor(values, [values.Length, 1, 1]);
            return graph.Weight("pictures." + name, tensor);
        }
    }

    /// <summary>
    /// [S, L]: the weights of the picture's rows or columns in each of the image's. Pixel i of the image is centred at
    /// <c>(L (2 (offset + i) + 1) - resized) / (2 resized)</c> of the picture, which is kept as a whole and a rest, so that it loses no
    /// digits far from the origin.
    /// </summary>
    /// <param name="length">L, [1].</param>
    /// <param name="shorter">The picture's short side, [1].</param>
    private string Matrix(string length, string shorter)
    {
        var two = graph.Integers(2);
        var resized = Op("Div", [Op("Mul", [length, graph.Integers(ShownImage.ShortSide(side))]), shorter]);
        // A half goes to the even neighbour.
        var over = Op("Sub", [resized, graph.Integers(side)]);
        var floor = Op("Div", [over, two]);
        var offset = Op("Add", [floor, Op("Mul", [Op("Mod", [over, two]), Op("Mod", [floor, two])])]);
        var odd = graph.Integers([.. Enumerable.Range(0, side).Select(i => 2L * i + 1)]);
        var centre = Op("Sub", [Op("Mul", [length, Op("Add", [odd, Op("Mul", [offset, two])])]), resized]);
        var unit = Op("Mul", [resized, two]);
        var rest = Op("Mod", [centre, unit]);
        var whole = Op("Div", [Op("Sub", [centre, rest]), unit]);
        var place = Op("Range", [graph.Integer(0), Op("Squeeze", [length]), graph.Integer(1)]);
        var apart = Op("Sub", [Float(Op("Sub", [Row(place), Column(whole)])), Column(Op("Div", [Float(rest), Float(unit)]))]);
        var inverse = Op("Min", [Op("Div", [Float(resized), Float(length)]), graph.Number(1)]);
        var weights = Op("Relu", [Op("Sub", [graph.Number(1), Op("Mul", [Op("Abs", [apart]), inverse])])]);
        return Op("Div", [weights, Op("ReduceSum", [weights, graph.Integers(1)], ("keepdims", 1L))]);

        string Row(string values) => Op("Unsqueeze", [values, graph.Integers(0)]);

        string Column(string values) => Op("Unsqueeze", [values, graph.Integers(1)]);
    }

    private string Float(string x) => Op("Cast", [x], ("to", OnnxGraph.Float));

    private string Op(string type, string[] inputs, params (string Name, object Value)[] attributes) =>
        graph.Apply($"pictures.{type.ToLowerInvariant()}_{++counter}", type, inputs, attributes);
}
