using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests.Parity;

/// <summary>Cases with arguments, gradients and layers.</summary>
internal static class HandCases
{
    internal static IEnumerable<Case> All() => [.. Arithmetic(), .. Reductions(), .. Shapes(), .. Selection(), .. Layers(), .. Losses(), .. Random()];

    private static IEnumerable<Case> Arithmetic() =>
    [
        Of("a + b", "a + b", t => t.a + t.b, "a", "b"),
        Of("a - 2", "a - 2", t => t.a - 2, "a"),
        Of("2 - a", "2 - a", t => 2 - t.a, "a"),
        Of("1.5 / a", "1.5 / a", t => 1.5 / t.a, "a"),
        Of("a / 3", "a / 3", t => t.a / 3, "a"),
        Of("a % 0.3", "a % 0.3", t => t.a % 0.3),
        Of("-a", "-a", t => -t.a, "a"),
        Of("~m", "~m", t => ~t.m),
        Of("m & (a > 0.5)", "m & (a > 0.5)", t => t.m & (t.a > 0.5)),
        Of("2 > a", "2 > a", t => 2 > t.a),
        Of("add alpha", "a.add(b, alpha=2.5)", t => t.a.add(t.b, 2.5), "a", "b"),
        Of("i + 2", "i + 2", t => t.i + 2),
        Of("i / 2", "i / 2", t => t.i / 2),
        Of("i * 2.5", "i * 2.5", t => t.i * 2.5),
        Of("div floor", "a.div(0.3, rounding_mode='floor')", t => t.a.div(0.3, RoundingMode.floor)),
        Of("pow 3", "a.pow(3)", t => t.a.pow(3), "a"),
        Of("lerp", "a.lerp(b, b)", t => t.a.lerp(t.b, t.b), "a", "b"),
        Of("addcmul", "a.addcmul(a, b, value=0.5)", t => t.a.addcmul(t.a, t.b, 0.5), "a", "b"),
        Of("addcdiv", "a.addcdiv(a, b, value=0.5)", t => t.a.addcdiv(t.a, t.b, 0.5), "a", "b"),
        Of("clamp", "a.clamp(0.3, 0.6)", t => t.a.clamp(0.3, 0.6), "a"),
        Of("clamp tensors", "a.clamp(min=b)", t => t.a.clamp(min: t.b), "a"),
        Of("clamp_min", "a.clamp_min(0.4)", t => t.a.clamp_min(0.4), "a"),
        Of("round 1", "a.round(decimals=1)", t => t.a.round(1)),
        Of("where", "torch.where(m, a, b)", t => where(t.m, t.a, t.b), "a", "b"),
        Of("masked_fill", "a.masked_fill(m, 3)", t => t.a.masked_fill(t.m, 3), "a"),
        Of("masked_select", "a.masked_select(m)", t => t.a.masked_select(t.m), "a"),
        Of("allclose", "torch.allclose(a, b)", t => tensor(t.a.allclose(t.b))),
        Of("isclose", "a.isclose(b, 0.1, 0.1)", t => t.a.isclose(t.b, 0.1, 0.1)),
        Of("nan_to_num", "(a / 0).nan_to_num(1, 2, 3)", t => (t.a / 0).nan_to_num(1, 2, 3)),
        Of("matmul", "a @ c", t => t.a.matmul(t.c), "a", "c"),
        Of("mm", "a.mm(c)", t => mm(t.a, t.c), "a", "c"),
        Of("mv", "a.mv(v)", t => t.a.mv(t.v), "a", "v"),
        Of("dot", "v.dot(v)", t => t.v.dot(t.v), "v"),
        Of("outer", "v.outer(v)", t => t.v.outer(t.v), "v"),
        Of("bmm", "x[0].bmm(x[0].transpose(1, 2))", t => t.x[0].bmm(t.x[0].transpose(1, 2)), "x"),
        Of("addmm", "torch.addmm(a[:, :3], a, c, beta=0.5, alpha=2)", t => addmm(t.a.narrow(1, 0, 3), t.a, t.c, 0.5f, 2f), "a", "c"),
        Of("baddbmm", "x[0].baddbmm(x[0][:, :, :6], x[0])", t => t.x[0].baddbmm(t.x[0].narrow(2, 0, 6), t.x[0]), "x"),
        Of("einsum", "torch.einsum('ij,jk->ik', a, c)", t => einsum("ij,jk->ik", t.a, t.c), "a", "c"),
        Of("kron", "a.kron(c)", t => t.a.kron(t.c)),
    ];

    private static IEnumerable<Case> Reductions() =>
    [
        Of("sum dim", "a.sum(1)", t => t.a.sum(1), "a"),
        Of("sum dims keep", "x.sum([2, 3], keepdim=True)", t => t.x.sum([2, 3], true), "x"),
        Of("sum dtype", "a.sum(dtype=torch.float64)", t => t.a.sum(float64)),
        Of("mean dims", "x.mean([0, 2, 3])", t => t.x.mean([0, 2, 3]), "x"),
        Of("prod dim", "a.prod(1)", t => t.a.prod(1), "a"),
        Of("var", "a.var()", t => t.a.var(), "a"),
        Of("var dims biased", "x.var([0, 2, 3], unbiased=False)", t => t.x.var([0, 2, 3], false), "x"),
        Of("std dim", "a.std(1)", t => t.a.std(1), "a"),
        new("var_mean", "torch.var_mean(x, [0, 2, 3], unbiased=False)", t => { var (v, m) = var_mean(t.x, [0, 2, 3], false); return [v, m]; }, "x"),
        new("max dim", "tuple(a.max(1))", t => { var (v, n) = t.a.max(1); return [v, n]; }),
        new("min dim keep", "tuple(a.min(0, keepdim=True))", t => { var (v, n) = t.a.min(0, true); return [v, n]; }),
        Of("amax", "a.amax([0])", t => t.a.amax(0), "a"),
        Of("amin keep", "a.amin([1], keepdim=True)", t => t.a.amin([1], true), "a"),
        Of("argmax dim", "a.argmax(1)", t => t.a.argmax(1)),
        Of("all dim", "m.all(0)", t => t.m.all(0)),
        Of("any dim", "m.any(1, keepdim=True)", t => t.m.any(1, true)),
        Of("norm 2", "a.norm()", t => t.a.norm(), "a"),
        Of("norm dim 1", "a.norm(1, 1)", t => t.a.norm(1, false, 1f), "a"),
        Of("logsumexp", "a.logsumexp(1)", t => t.a.logsumexp(1), "a"),
        Of("cumsum", "a.cumsum(1)", t => t.a.cumsum(1), "a"),
        Of("softmax", "a.softmax(1)", t => t.a.softmax(1), "a"),
        Of("log_softmax", "a.log_softmax(-1)", t => t.a.log_softmax(-1), "a"),
        new("topk", "tuple(a.topk(2))", t => { var (v, n) = t.a.topk(2); return [v, n]; }),
        new("sort descending", "tuple(a.sort(dim=0, descending=True))", t => { var (v, n) = t.a.sort(0, true); return [v, n]; }),
        Of("argsort", "a.argsort(1)", t => t.a.argsort(1)),
        Of("bincount", "i.flatten().bincount(minlength=6)", t => bincount(t.i.flatten(), minlength: 6)),
        new("unique", "i.unique(return_inverse=True, return_counts=True)", t => { var (v, n, c) = t.i.unique(true, true, true); return [v, n!, c!]; }),
        Of("count_nonzero", "m.count_nonzero(1)", t => t.m.count_nonzero([1])),
    ];

    private static IEnumerable<Case> Shapes() =>
    [
        Of("view", "a.view(2, -1)", t => t.a.view(2, -1), "a"),
        Of("reshape", "a.t().reshape(4, 5)", t => t.a.t().reshape(4, 5), "a"),
        Of("flatten", "x.flatten(1)", t => t.x.flatten(1), "x"),
        Of("unflatten", "a.unflatten(0, [2, 2])", t => t.a.unflatten(0, 2, 2)),
        Of("squeeze", "a[None].squeeze(0)", t => t.a[TensorIndex.None].squeeze(0), "a"),
        Of("unsqueeze", "a.unsqueeze(1)", t => t.a.unsqueeze(1), "a"),
        Of("expand", "v.expand(3, 5)", t => t.v.expand(3, 5), "v"),
        Of("repeat", "v.repeat(3, 2)", t => t.v.repeat(3, 2), "v"),
        Of("repeat_interleave", "v.repeat_interleave(2)", t => t.v.repeat_interleave(2)),
        Of("permute", "x.permute(0, 2, 3, 1)", t => t.x.permute(0, 2, 3, 1), "x"),
        Of("movedim", "x.movedim([1], [3])", t => t.x.movedim([1], [3]), "x"),
        Of("flip", "a.flip(1)", t => t.a.flip(1), "a"),
        Of("roll", "a.roll(2, 1)", t => t.a.roll(2, 1), "a"),
        Of("roll pairs", "a.roll((1, 2), (0, 1))", t => t.a.roll((1, 2), (0, 1))),
        Of("rot90", "a.rot90(1, (0, 1))", t => t.a.rot90()),
        Of("tril", "a.tril(-1)", t => t.a.tril(-1), "a"),
        Of("triu", "a.triu(1)", t => t.a.triu(1), "a"),
        Of("diagonal", "a.diagonal(1)", t => t.a.diagonal(1), "a"),
        Of("as_strided", "a.as_strided([3, 2], [2, 1], 4)", t => t.a.as_strided([3, 2], [2, 1], 4), "a"),
        Of("unfold", "a.unfold(1, 3, 1)", t => t.a.unfold(1, 3, 1), "a"),
        Of("cat", "torch.cat([a, b], 1)", t => cat([t.a, t.b], 1), "a", "b"),
        Of("stack", "torch.stack([a, b], -1)", t => stack([t.a, t.b], -1), "a", "b"),
    ];

    private static IEnumerable<Case> Selection() =>
    [
        Of("narrow", "a.narrow(1, 1, 2)", t => t.a.narrow(1, 1, 2), "a"),
        Of("slice", "a[:, 1:5:2]", t => t.a.slice(1, 1, 5, 2), "a"),
        Of("index []", "a[1]", t => t.a[1], "a"),
        Of("index [,]", "a[1, 2]", t => t.a[1, 2], "a"),
        Of("index slice", "a[..., 1:3]", t => t.a[TensorIndex.Ellipsis, TensorIndex.Slice(1, 3)], "a"),
        Of("index range", "a[1:, -2]", t => t.a[1.., ^2], "a"),
        Of("index none", "a[:, None, 2]", t => t.a[TensorIndex.Colon, TensorIndex.None, TensorIndex.Single(2)], "a"),
        Of("index tensor", "a[:, i[0, :3]]", t => t.a[TensorIndex.Colon, TensorIndex.Tensor(t.i[0].narrow(0, 0, 3))], "a"),
        Of("index mask", "a[m]", t => t.a[TensorIndex.Tensor(t.m)], "a"),
        new("split", "a.split(2, 1)", t => t.a.split(2, 1), "a"),
        new("split sizes", "a.split([1, 4], 1)", t => t.a.split([1, 4], 1), "a"),
        new("chunk", "a.chunk(3)", t => t.a.chunk(3), "a"),
        new("unbind", "a.unbind(1)", t => t.a.unbind(1), "a"),
        Of("index_select", "a.index_select(1, i[0])", t => t.a.index_select(1, t.i[0]), "a"),
        Of("index_add_", "torch.zeros(4, 5).index_add_(0, i[:, 0], a, alpha=2)", t => zeros(4, 5).index_add_(0, t.i.select(1, 0), t.a, 2), "a"),
        Of("index_copy_", "a.clone().index_copy_(0, torch.tensor([2, 0]), b[:2])", t => t.a.clone().index_copy_(0, tensor(new long[] { 2, 0 }), t.b.narrow(0, 0, 2)), "a", "b"),
        Of("gather", "a.gather(1, i)", t => t.a.gather(1, t.i), "a"),
        Of("scatter", "a.scatter(1, i[:, :1], b)", t => t.a.scatter(1, t.i.narrow(1, 0, 1), t.b), "a"),
        Of("scatter_add", "a.scatter_add(1, i, b)", t => t.a.scatter_add(1, t.i, t.b), "a", "b"),
        Of("nonzero", "m.nonzero()", t => t.m.nonzero()),
        Of("one_hot", "F.one_hot(i, 5)", t => functional.one_hot(t.i, 5)),
    ];

    private static IEnumerable<Case> Layers() =>
    [
        Of("linear", "F.linear(a, c.t())", t => functional.linear(t.a, t.c.t()), "a", "c"),
        Of("conv2d", "F.conv2d(x, w, bias, stride=2, padding=1)", t => functional.conv2d(t.x, t.w, t.bias, [2, 2], [1, 1]), "x", "w", "bias"),
        Of("conv2d same", "F.conv2d(x, w, padding='same', dilation=2)", t => functional.conv2d_padding(t.x, t.w, padding: Padding.Same, dilation: [2, 2]), "x", "w"),
        Of("conv2d grouped", "F.conv2d(x, w[:4, :1], groups=4)", t => functional.conv2d(t.x, t.w.narrow(0, 0, 4).narrow(1, 0, 1), groups: 4), "x", "w"),
        Of("conv1d", "F.conv1d(x[0].transpose(0, 1), w[:, :, 0])", t => functional.conv1d(t.x[0].transpose(0, 1), t.w.select(2, 0)), "x", "w"),
        Of("batch_norm train", "F.batch_norm(x, None, None, bias[:4], v[:4], True)", t => functional.batch_norm(t.x, null, null, t.bias.narrow(0, 0, 4), t.v.narrow(0, 0, 4), true), "x", "v"),
        Of("batch_norm eval", "F.batch_norm(x, v[:4], a[0, :4])", t => functional.batch_norm(t.x, t.v.narrow(0, 0, 4), t.a[0].narrow(0, 0, 4)), "x"),
        Of("layer_norm", "F.layer_norm(a, [5], v, v)", t => functional.layer_norm(t.a, [5], t.v, t.v), "a", "v"),
        Of("normalize", "F.normalize(a, dim=1)", t => functional.normalize(t.a), "a"),
        Of("max_pool2d", "F.max_pool2d(x, 3, 2, 1)", t => functional.max_pool2d(t.x, 3, 2, 1), "x"),
        Of("avg_pool2d", "F.avg_pool2d(x, (2, 3), count_include_pad=False)", t => functional.avg_pool2d(t.x, (2, 3), count_include_pad: false), "x"),
        Of("adaptive_avg_pool2d", "F.adaptive_avg_pool2d(x, (2, 3))", t => functional.adaptive_avg_pool2d(t.x, (2, 3)), "x"),
        Of("gelu", "F.gelu(x)", t => functional.gelu(t.x), "x"),
        Of("silu", "F.silu(x)", t => functional.silu(t.x), "x"),
        Of("relu6", "F.relu6(x * 5)", t => functional.relu6(t.x * 5), "x"),
        Of("hardtanh", "F.hardtanh(x)", t => functional.hardtanh(t.x), "x"),
        Of("softplus", "F.softplus(x, 2, 10)", t => functional.softplus(t.x, 2, 10), "x"),
        Of("leaky_relu", "F.leaky_relu(x, 0.2)", t => functional.leaky_relu(t.x, 0.2), "x"),
        Of("pad constant", "F.pad(x, (1, 2, 0, 1), value=3)", t => functional.pad(t.x, (1, 2, 0, 1), value: 3), "x"),
        Of("pad reflect", "F.pad(x, (1, 1, 2, 2), mode='reflect')", t => functional.pad(t.x, (1, 1, 2, 2), PaddingModes.Reflect), "x"),
        Of("pad circular", "F.pad(x, (1, 1, 2, 2), mode='circular')", t => functional.pad(t.x, (1, 1, 2, 2), PaddingModes.Circular), "x"),
        Of("interpolate bilinear", "F.interpolate(x, (9, 5), mode='bilinear', align_corners=False)", t => functional.interpolate(t.x, [9, 5], mode: InterpolationMode.Bilinear, align_corners: false), "x"),
        Of("interpolate antialias", "F.interpolate(x, (3, 4), mode='bilinear', antialias=True)", t => functional.interpolate(t.x, [3, 4], mode: InterpolationMode.Bilinear, antialias: true), "x"),
        Of("interpolate bicubic", "F.interpolate(x, scale_factor=1.5, mode='bicubic')", t => functional.interpolate(t.x, scale_factor: [1.5], mode: InterpolationMode.Bicubic), "x"),
        Of("interpolate nearest", "F.interpolate(x, scale_factor=2)", t => functional.interpolate(t.x, scale_factor: [2]), "x"),
        Of("interpolate area", "F.interpolate(x, (3, 3), mode='area')", t => functional.interpolate(t.x, [3, 3], mode: InterpolationMode.Area), "x"),
        Of("affine_grid", "F.affine_grid(x[:, 0, :2, :3], (2, 4, 5, 5), align_corners=False)", t => functional.affine_grid(t.x.select(1, 0).narrow(1, 0, 2).narrow(2, 0, 3), [2, 4, 5, 5]), "x"),
        Of("grid_sample border", "F.grid_sample(x, F.affine_grid(x[:, 0, :2, :3], (2, 4, 5, 5), align_corners=False), padding_mode='border', align_corners=False)", t => functional.grid_sample(t.x, functional.affine_grid(t.x.select(1, 0).narrow(1, 0, 2).narrow(2, 0, 3), [2, 4, 5, 5]), padding_mode: GridSamplePaddingMode.Border, align_corners: false), "x"),
        Of("grid_sample nearest reflection", "F.grid_sample(x, F.affine_grid(x[:, 0, :2, :3], (2, 4, 5, 5), align_corners=True), mode='nearest', padding_mode='reflection', align_corners=True)", t => functional.grid_sample(t.x, functional.affine_grid(t.x.select(1, 0).narrow(1, 0, 2).narrow(2, 0, 3), [2, 4, 5, 5], true), GridSampleMode.Nearest, GridSamplePaddingMode.Reflection, true)),
        Of("attention", "(q @ q.transpose(-1, -2) / 8 ** 0.5).softmax(-1) @ q", t => functional.scaled_dot_product_attention(t.q, t.q, t.q), "q"),
        Of("attention causal", "((q @ q.transpose(-1, -2) / 8 ** 0.5) + torch.full((4, 4), float('-inf')).triu(1)).softmax(-1) @ q", t => functional.scaled_dot_product_attention(t.q, t.q, t.q, is_casual: true), "q"),
        Of("cosine_similarity", "F.cosine_similarity(a, b)", t => functional.cosine_similarity(t.a, t.b), "a", "b"),
    ];

    private static IEnumerable<Case> Losses() =>
    [
        Of("cross_entropy", "F.cross_entropy(a, i[:, 0])", t => functional.cross_entropy(t.a, t.i.select(1, 0)), "a"),
        Of("cross_entropy smooth sum", "F.cross_entropy(a, i[:, 0], label_smoothing=0.1, reduction='sum')", t => functional.cross_entropy(t.a, t.i.select(1, 0), label_smoothing: 0.1, reduction: Reduction.Sum), "a"),
        Of("nll_loss", "F.nll_loss(a, i[:, 0])", t => functional.nll_loss(t.a, t.i.select(1, 0)), "a"),
        Of("bce logits", "F.binary_cross_entropy_with_logits(a, b, pos_weight=v)", t => functional.binary_cross_entropy_with_logits(t.a, t.b, pos_weights: t.v), "a"),
        Of("mse_loss", "F.mse_loss(a, b)", t => functional.mse_loss(t.a, t.b), "a", "b"),
        Of("l1_loss none", "F.l1_loss(a, b, reduction='none')", t => functional.l1_loss(t.a, t.b, Reduction.None), "a"),
        Of("smooth_l1_loss", "F.smooth_l1_loss(a, b)", t => functional.smooth_l1_loss(t.a, t.b), "a"),
        Of("kl_div", "F.kl_div(a.log(), b.log(), log_target=True, reduction='sum')", t => functional.kl_div(t.a.log(), t.b.log(), reduction: Reduction.Sum), "a"),
    ];

    // The Python side seeds with 7 before every case; so does the test.
    private static IEnumerable<Case> Random() =>
    [
        Of("randn", "torch.randn(3, 4)", _ => randn(3, 4)),
        Of("rand", "torch.rand(20)", _ => rand(20)),
        Of("randint", "torch.randint(2, 9, (5,))", _ => randint(2, 9, [5])),
        Of("randperm", "torch.randperm(10)", _ => randperm(10)),
        Of("normal_", "torch.empty(7).normal_(1, 2)", _ => empty(7).normal_(1, 2)),
        Of("uniform_", "torch.empty(7).uniform_(1, 2)", _ => empty(7).uniform_(1, 2)),
        Of("bernoulli_", "torch.empty(7).bernoulli_(0.3)", _ => empty(7).bernoulli_(0.3)),
        Of("dropout", "F.dropout(a, 0.4)", t => functional.dropout(t.a, 0.4), "a"),
        Of("generator", "torch.randn(5, generator=torch.Generator().manual_seed(3))", _ => randn([5], generator: new Generator(3))),
        new("Linear", "list(torch.nn.Linear(5, 3).parameters())", _ => [.. Linear(5, 3).parameters()]),
        new("Conv2d", "list(torch.nn.Conv2d(4, 6, 3, groups=2).parameters())", _ => [.. Conv2d(4, 6, 3, groups: 2).parameters()]),
        Of("kaiming_normal_", "torch.nn.init.kaiming_normal_(torch.empty(6, 4, 3, 3), mode='fan_out', nonlinearity='relu')", _ => nn.init.kaiming_normal_(empty(6, 4, 3, 3), mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU)),
        Of("xavier_uniform_", "torch.nn.init.xavier_uniform_(torch.empty(6, 4))", _ => nn.init.xavier_uniform_(empty(6, 4))),
        Of("trunc_normal_", "torch.nn.init.trunc_normal_(torch.empty(50), std=0.02)", _ => nn.init.trunc_normal_(empty(50), std: 0.02)),
        Of("arange", "torch.arange(1, 2, 0.25)", _ => arange(1, 2, 0.25)),
        Of("arange int", "torch.arange(5)", _ => arange(5)),
        Of("linspace", "torch.linspace(0, 1, 5)", _ => linspace(0, 1, 5)),
        Of("eye", "torch.eye(3, 4)", _ => eye(3, 4)),
        Of("full", "torch.full((2, 3), 1.5)", _ => full(2, 3, 1.5)),
    ];

    private static Case Of(string name, string python, Func<Inputs, Tensor> csharp, params string[] grad) => new(name, python, inputs => [csharp(inputs)], grad);
}
