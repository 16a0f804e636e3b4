using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using DataSsl.Dense.Heads;
using DataSsl.Dense.Training;
using DataSsl.Runtime.Data;
using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// A detector and a segmenter on small networks of a convolutional family, emitted by the command and run as their user would: compiled,
/// with the weights beside them, on an image that the emit has not seen.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class EmitDenseTests : IDisposable
{
    private const int Side = 96;

    private const string Space = """
        space: Cells
        family: resnet-basic
        summary: Small.
        input: { channels: 3, size: 64 }
        stem: { width: [16] }
        stages:
          - { depth: [1, 2] }
          - { width: [24], depth: 1 }
          - { width: [32], depth: 1 }
          - { width: [40], depth: 1 }
        """;

    private const string Transformers = """
        space: Patches
        family: vit
        summary: Small.
        input: { channels: 3, size: 64 }
        stem: { patch: 16, width: [64] }
        stages:
          - { heads: [1], mlp: [2], depth: [1, 2] }
          - { heads: [1], mlp: [2], depth: 1 }
          - { heads: [1], mlp: [2], depth: 1 }
          - { heads: [1], mlp: [2], depth: 1 }
        """;

    /// <summary>A detection of any class as numbers, in the code of a user.</summary>
    private const string Flat = "d => new float[] { d.Left, d.Top, d.Right, d.Bottom, d.Score, d.Label }";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-emit-dense-");

    public EmitDenseTests()
    {
        Directory.CreateDirectory(Photos);
        for (var i = 0; i < 2; i++) ImageFile.Save(Path.Combine(Photos, $"{i}.png"), Picture(80 + 40 * i, 60, seed: i));
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_detector_finds_the_same_boxes_in_every_form()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var network = Trained(
            new()
            {
                Task = DenseTask.Detection,
                Head = DenseHead.Fcos,
                Classes = ["red", "a \"blue\""],
                MinSize = 72,
                MaxSize = Side,
                Width = 32,
            },
            "detector.safetensors");
        var result = Emit("detection", "CellDetector");
        var forms = result["forms"]!.AsArray();
        Assert.Equal(["class", "onnx", "csharp"], forms.Select(form => (string)form!["form"]!));
        Assert.All(forms, form => Assert.True((bool)form!["written"]!));
        Assert.Equal(
            ["CellDetector.cs", "CellDetector.onnx", "CellDetector.safetensors", "CellDetectorBackbone.cs", "CellDetectorPure.cs",
                "DataSsl.Models.WeightsFile.cs"],
            Directory.GetFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var image = randn([1, 3, Side, Side], generator: new TorchSharp.torch.Generator(11));
        image.narrow(2, 70, Side - 70).zero_();
        using var found = network.Detector!.Detect(new(image, [new(70, Side)]))[0];
        var expected = Table(found.Boxes, found.Scores, found.Labels);
        // Boxes of some size and of both classes, or nothing is compared.
        Assert.True(expected.shape[0] >= 10 && found.Labels.unique().output.shape[0] == 2);
        Assert.True((found.Boxes[.., 3] - found.Boxes[.., 1]).max().item<float>() > 10);
        const string batch = "TorchSharp.torch.tensor(image, new long[] { 1, 3, 96, 96 })";
        Same(
            expected,
            Detect(
                "CellDetector", ".load_safetensors(weights)", $"Detect({batch}, (70, 96))[0]", "CellDetector.cs", "CellDetectorBackbone.cs",
                "DataSsl.Models.WeightsFile.cs"));
        Same(expected, Detect("CellDetectorPure", "", "Detect(image, 70, 96)", "CellDetectorPure.cs"));
        using var model = new OnnxModel(Path.Combine(Out, "CellDetector.onnx"), threads: 1);
        var outputs = model.Run(image, null, tensor([70f, Side]));
        Same(expected, Table(outputs["boxes"], outputs["scores"], outputs["labels"]));
        // Nothing to find: an image of the mean colour, and no score above the least.
        var none = model.Run(zeros_like(image) + float.NaN, null, tensor([70f, Side]));
        Assert.Equal([0L, 4L], none["boxes"].shape);
        Assert.Matches(@"\A0\.png: (\d+ [^\n]+|nothing)\n1\.png: \d+ [^\n]+\n\z", SampleOutput("Detect"));

        Tensor Detect(string name, string load, string call, params string[] files)
        {
            var of = load.Length > 0 ? $"new {name}(){load}" : $"{name}.Load(weights)";
            var calls = Compiled($$"""
                public static float[] Run(string weights, float[] image)
                {
                    using var network = {{of}};
                    {{(load.Length > 0 ? "network.eval();" : "")}}
                    return network.{{call}}.SelectMany({{Flat}}).ToArray();
                }
                """, files);
            var values = calls.CreateDelegate<Func<string, float[], float[]>>()(
                Path.Combine(Out, "CellDetector.safetensors"), image.data<float>().ToArray());
            return tensor(values, [values.Length / 6, 6]);
        }
    }

    [Fact]
    public void A_segmenter_tells_the_same_of_every_pixel_in_every_form()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var network = Trained(
            new()
            {
                Task = DenseTask.Segmentation,
                Head = DenseHead.Fcn,
                Classes = ["sky", "road", "car"],
                MinSize = 60,
                MaxSize = Side,
            },
            "segmenter.safetensors");
        var result = Emit("segmentation", "StreetSegmenter");
        Assert.All(result["forms"]!.AsArray(), form => Assert.True((bool)form!["written"]!));
        var image = randn([1, 3, Side, Side], generator: new TorchSharp.torch.Generator(11));
        var (logits, labels) = (network.Segmenter!.Logits(image), network.Segmenter.Segment(image));
        Assert.Equal(3, labels.unique().output.shape[0]);
        var torch = Compiled("""
            public static float[] Run(string weights, float[] image)
            {
                using var network = new StreetSegmenter().load_safetensors(weights);
                network.eval();
                var x = TorchSharp.torch.tensor(image, new long[] { 1, 3, 96, 96 });
                var labels = network.Segment(x).data<long>().ToArray();
                return [.. network.call(x).contiguous().data<float>().ToArray(), .. labels.Select(l => (float)l)];
            }
            """, "StreetSegmenter.cs", "StreetSegmenterBackbone.cs", "DataSsl.Models.WeightsFile.cs");
        var pure = Compiled("""
            public static float[] Run(string weights, float[] image)
            {
                using var network = StreetSegmenterPure.Load(weights, threads: 2);
                var (logits, labels) = (new float[3 * 96 * 96], new int[96 * 96]);
                network.Logits(image, logits);
                network.Segment(image, labels);
                return [.. logits, .. labels.Select(l => (float)l)];
            }
            """, "StreetSegmenterPure.cs");
        foreach (var method in new[] { torch, pure })
        {
            var values = method.CreateDelegate<Func<string, float[], float[]>>()(
                Path.Combine(Out, "StreetSegmenter.safetensors"), image.data<float>().ToArray());
            Alike(tensor(values[..(3 * Side * Side)], [1, 3, Side, Side]), tensor(values[(3 * Side * Side)..], [1, Side, Side]));
        }
        using var model = new OnnxModel(Path.Combine(Out, "StreetSegmenter.onnx"), threads: 1);
        var outputs = model.Run(image);
        Alike(outputs["logits"], outputs["labels"]);
        // A model of any size, as the class is.
        var wide = randn(2, 3, 64, 128);
        var difference = (model.Run(wide)["logits"] - network.Segmenter.Logits(wide)).abs().max().item<float>();
        Assert.True(difference < 1e-4 * logits.abs().max().item<float>());

        Assert.Matches(
            @"\A0\.png: [a-z]+ \d+\.\d %, [^\n]+\n1\.png: [a-z]+ \d+\.\d %, [^\n]+\n\z", SampleOutput("Segment", "Detect/Photo.cs"));

        void Alike(Tensor actual, Tensor of)
        {
            Assert.True((actual - logits).abs().max().item<float>() < 1e-4 * logits.abs().max().item<float>());
            Assert.True(of.ne(labels.to(of.dtype)).sum().item<long>() <= 2);
        }
    }

    /// <summary>Its one map comes to four scales in the class and in ONNX; pure C# it has none.</summary>
    [Fact]
    public void A_detector_on_a_transformer_has_a_class_and_an_onnx_model()
    {
        DenseSettings settings = new()
        {
            Task = DenseTask.Detection,
            Head = DenseHead.Fcos,
            Classes = ["cell"],
            MinSize = 64,
            MaxSize = Side,
            Width = 32,
        };
        using (Trained(settings, "detector.safetensors", Transformers))
        {
        }
        var forms = Emit("detection", "CellDetector")["forms"]!.AsArray();
        Assert.Equal(["class", "onnx"], forms.Select(form => (string)form!["form"]!));
        Assert.All(forms, form => Assert.True((bool)form!["written"]!));
    }

    /// <summary>Regions of all sizes, so that each map of the pyramid is pooled from; a user's image, and two together.</summary>
    [Theory]
    [InlineData(DenseHead.Fpn, Space, 256)]
    [InlineData(DenseHead.FasterRcnnC4, Space, 160)]
    [InlineData(DenseHead.Fpn, Transformers, 256)]
    public void A_detector_of_two_stages_finds_the_same_boxes_as_a_class_and_in_onnx(DenseHead head, string space, int side)
    {
        var (height, size) = (side * 3 / 4, space == Space ? 64 : side);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var images = randn([2, 3, side, side], generator: new TorchSharp.torch.Generator(11));
        images[0].narrow(1, height, side - height).zero_();
        PaddedImages batch = new(images, [new(height, side), new(side, side)]);
        using var network = Trained(
            new()
            {
                Task = DenseTask.Detection,
                Head = head,
                Classes = ["red", "a \"blue\""],
                MinSize = height,
                MaxSize = side,
                Width = 32,
                Representation = 24,
            },
            "detector.safetensors", space, size, trained => Balance(trained, batch));
        var forms = Emit("detection", "CellDetector", "--size", $"{side}")["forms"]!.AsArray();
        Assert.Equal(["class", "onnx"], forms.Select(form => (string)form!["form"]!));
        Assert.All(forms, form => Assert.True((bool)form!["written"]!));
        Assert.Equal(
            [
                "CellDetector.cs", "CellDetector.onnx", "CellDetector.safetensors", "CellDetectorBackbone.cs",
                "DataSsl.Models.WeightsFile.cs",
            ],
            Directory.GetFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var found = network.Detector!.Detect(batch);
        var expected = found.Select(of => Table(of.Boxes, of.Scores, of.Labels)).ToList();
        Assert.All(expected, rows => Assert.True(rows.shape[0] >= 10 && rows[.., 5].unique().output.shape[0] == 2));
        var boxes = cat([.. found.Select(of => of.Boxes)], 0);
        var sides = ((boxes[.., 2] - boxes[.., 0]) * (boxes[.., 3] - boxes[.., 1])).sqrt();
        Assert.True(sides.min().item<float>() < 80 && sides.max().item<float>() > 120);
        var calls = Compiled($$"""
            public static float[][] Run(string weights, float[] images)
            {
                using var network = new CellDetector().load_safetensors(weights);
                network.eval();
                var batch = TorchSharp.torch.tensor(images, new long[] { 2, 3, {{side}}, {{side}} });
                // What stands before suppression: a row of scores for each proposal, and a box for each of its classes.
                var (proposals, scores, boxes) = network.call(batch)[1];
                if (scores.shape[0] != proposals.shape[0] || scores.shape[1] != 3 || boxes.shape[1] != 2)
                    throw new System.InvalidOperationException("shapes");
                return network.Detect(batch, ({{height}}, {{side}}), ({{side}}, {{side}}))
                    .Select(of => of.SelectMany({{Flat}}).ToArray())
                    .ToArray();
            }
            """, "CellDetector.cs", "CellDetectorBackbone.cs", "DataSsl.Models.WeightsFile.cs");
        var values = calls.CreateDelegate<Func<string, float[], float[][]>>()(
            Path.Combine(Out, "CellDetector.safetensors"), images.data<float>().ToArray());
        using var model = new OnnxModel(Path.Combine(Out, "CellDetector.onnx"), threads: 1);
        for (var i = 0; i < 2; i++)
        {
            Same(expected[i], tensor(values[i], [values[i].Length / 6, 6]));
            var outputs = model.Run(images.narrow(0, i, 1), null, tensor([i == 0 ? height : side, (float)side]));
            Same(expected[i], Table(outputs["boxes"], outputs["scores"], outputs["labels"]));
        }
        var none = model.Run(zeros([1, 3, side, side]) + float.NaN, null, tensor([(float)height, side]));
        Assert.Equal([0L, 4L], none["boxes"].shape);

        // Random weights find one class likelier everywhere: its bias is set so that both are among the best of each image.
        static void Balance(DenseNetwork network, PaddedImages images)
        {
            var bias = network.State.Single(entry => entry.Key == "roi_heads.box_predictor.cls_score.bias").Tensor;
            var (low, high) = (-100f, 100f);
            for (var i = 0; i < 30; i++)
            {
                using var scope = NewDisposeScope();
                bias[2] = (low + high) / 2;
                var shares = network.Detector!.Detect(images).Select(found => found.Labels.to(ScalarType.Float32).mean().item<float>())
                    .ToList();
                if (shares.All(share => share is > 0 and < 1)) return;
                if (shares.Average() > 0.5) high = (low + high) / 2;
                else low = (low + high) / 2;
            }
        }
    }

    [Fact]
    public void Mistakes_are_one_line()
    {
        DenseSettings settings = new()
        {
            Task = DenseTask.Detection,
            Head = DenseHead.Fpn,
            Classes = ["cell"],
            MinSize = 64,
            MaxSize = 64,
            Width = 32,
            Representation = 16,
        };
        using (Trained(settings with { Task = DenseTask.Instances }, "detector.safetensors"))
        {
        }
        Assert.EndsWith(
            "detector.safetensors: finds objects and their masks, and no form of it is written; train boxes alone by 'evaluate detect --head fpn'",
            Refuse("detection", "Cells"));
        Assert.Equal("--task faces: give detection or segmentation", Refuse("faces", "Cells"));
        Assert.Equal("--head does not go with --task; what was trained says all of it", Refuse("detection", "Cells", "--head", "3"));
        Assert.Equal(
            "--forms half: 'half' is none of class, onnx, csharp",
            Refuse("detection", "Cells", "--forms", "half"));
        using (Trained(settings with { Head = DenseHead.Fcos }, "detector.safetensors"))
        {
        }
        Assert.EndsWith("detector.safetensors: is for detection; give --task detection", Refuse("segmentation", "Cells"));
        Assert.Equal(
            "class name 'Detection' would hide a name that the emitted code uses; give one such as CellsSmall",
            Refuse("detection", "Detection"));
        foreach (var given in (string[])[Path.Combine(folder.FullName, "detector.safetensors"), folder.FullName])
            Assert.Equal(
                $"{given}: what is trained for detection is emitted with --task detection",
                Command.Refuse("emit", "--checkpoint", given, "--arch", "Max", "--out", Out));
        Assert.Equal("--size 100: give a multiple of 32, the square that images lie in", Refuse("detection", "Cell", "--size", "100"));
        Assert.False(Directory.Exists(Out));

        string Refuse(string task, string name, params string[] more) => Command.Refuse([.. Arguments(task, name), .. more]);
    }

    private string Out => Path.Combine(folder.FullName, "out");

    private string Photos => Path.Combine(folder.FullName, "photos");

    private string[] Arguments(string task, string name) =>
    [
        "emit", "--task", task, "--checkpoint",
        Path.Combine(folder.FullName, File.Exists(Path.Combine(folder.FullName, "detector.safetensors")) ? "detector.safetensors" : ""),
        "--data", Photos, "--out", Out, "--namespace", "DataSsl.Models", "--name", name,
    ];

    private JsonObject Emit(string task, string name, params string[] more) =>
        (JsonObject)Command.Succeed([.. Arguments(task, name), .. more, "--json"]).Json["emitted"]![0]!;

    /// <summary>A network whose weights are large enough that what it says differs from place to place.</summary>
    private DenseNetwork Trained(
        DenseSettings settings, string file, string space = Space, int size = 64, Action<DenseNetwork>? balance = null)
    {
        var network = DenseNetwork.Of(settings, FixedNetwork.OfText(space, "Max", size), size, seed: 3, CPU);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        using var random = new TorchSharp.torch.Generator(5);
        foreach (var (key, value) in network.State.Where(entry => entry.Tensor.is_floating_point()))
        {
            if (key.EndsWith("running_var", StringComparison.Ordinal)) value.uniform_(0.5, 1.5, random);
            else if (value.dim() < 2) value.normal_(key.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0, 0.2, random);
            else if (settings.Task != DenseTask.Instances) value.normal_(0, 1.2 / Math.Sqrt(value.numel() / value.shape[0]), random);
            if (key.EndsWith("bbox_reg.bias", StringComparison.Ordinal)) value.fill_(1.5);
            // Logarithms of sides: of large ones rounding would be pixels.
            if (key.EndsWith("bbox_pred.weight", StringComparison.Ordinal)) value.mul_(0.1);
            // Proposals larger than their anchors.
            if (key == "rpn.head.bbox_pred.bias") value.view(-1, 4).narrow(1, 2, 2).fill_(1);
        }
        balance?.Invoke(network);
        DenseCheckpoint.Write(
            Path.Combine(folder.FullName, file), network, new("random", "random weights", "Cells", space, "Max", size), []);
        return network;
    }

    private MethodInfo Compiled(string method, params string[] files) => InMemoryCompiler.Compile(
        "DenseUser",
        [
            $"using System.Linq;\nnamespace DataSsl.Models;\npublic static class Program\n{{\n{method}\n}}",
            .. files.Select(file => File.ReadAllText(Path.Combine(Out, file))),
        ]).GetType("DataSsl.Models.Program", throwOnError: true)!.GetMethod("Run")!;

    /// <summary>
    /// What a sample prints of the photos, in every form the same; the pictures that it leaves are the same too, and not what they were.
    /// </summary>
    private string SampleOutput(string sample, params string[] more)
    {
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(Samples(), sample), "*.cs"), .. more.Select(file => Path.Combine(Samples(), file)),
            .. Directory.GetFiles(Out, "*.cs"),
        ];
        // What the SDK's ImplicitUsings stand for.
        var usings = string.Concat(
            new[] { "System", "System.Collections.Generic", "System.IO", "System.Linq" }.Select(name => $"global using {name};"));
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create(
            sample + "Sample", files.Select(File.ReadAllText).Append(usings).Select(text => CSharpSyntaxTree.ParseText(text)),
            trusted.Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable)).Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        var main = Assembly.Load(image.ToArray()).EntryPoint!;
        var outputs = new List<string>();
        foreach (var form in new[] { "torch", "onnx", "csharp" })
        {
            var (old, printed) = (Console.Out, new StringWriter());
            Console.SetOut(printed);
            try
            {
                Assert.Equal(0, main.Invoke(null, [new[] { form, Out, Photos, Path.Combine(folder.FullName, form) }]));
            }
            finally
            {
                Console.SetOut(old);
            }
            outputs.Add(printed.ToString());
            for (var i = 0; i < 2; i++)
            {
                byte[] Drawn(string of) => File.ReadAllBytes(Path.Combine(folder.FullName, of, $"{i}.png"));
                Assert.Equal(Drawn("torch"), Drawn(form));
                Assert.NotEqual(File.ReadAllBytes(Path.Combine(Photos, $"{i}.png")), Drawn(form));
            }
        }
        Assert.Single(outputs.Distinct());
        return outputs[0];
    }

    /// <summary>Rows of edges, score and class.</summary>
    private static Tensor Table(Tensor boxes, Tensor scores, Tensor labels) =>
        cat([boxes, scores.unsqueeze(1), labels.unsqueeze(1).to(ScalarType.Float32)], 1);

    /// <summary>Such rows, the best first; those whose scores are equal to rounding in either order.</summary>
    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        for (var k = 0; k < expected.shape[0]; k++)
        {
            var difference = (actual - expected[k]).abs();
            Assert.True(
                (difference[.., ..4].amax(1).lt(1e-3) & difference[.., 4].lt(1e-5) & difference[.., 5].eq(0)).any().item<bool>(),
                $"box {k} is not among them: {expected[k].ToString(TorchSharp.TensorStringStyle.Julia)}");
        }
    }

    private static string Samples([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "samples"));

    private static Image Picture(int width, int height, int seed)
    {
        var (random, pixels) = (new Random(seed), new byte[3 * width * height]);
        random.NextBytes(pixels);
        return new(width, height, pixels);
    }
}
