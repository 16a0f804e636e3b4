using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static class autograd
    {
        public static void backward(
            Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            fixed (nint* roots = Handles(tensors), grads = Handles(grad_tensors), leaves = Handles(inputs))
            {
                Shim.Check(Shim.dsl_backward(
                    roots, grads, tensors.Count, (retain_graph ?? create_graph) ? 1 : 0, create_graph ? 1 : 0, leaves, inputs?.Count ?? 0));
            }
            GC.KeepAlive((tensors, grad_tensors, inputs));
        }

        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var results = new nint[inputs.Count];
            fixed (nint* roots = Handles(outputs), grads = Handles(grad_outputs), leaves = Handles(inputs), target = results)
            {
                Shim.Check(Shim.dsl_grad(
                    roots, grads, outputs.Count, leaves, inputs.Count, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, target));
            }
            GC.KeepAlive((outputs, inputs, grad_outputs));
            return [.. results.Select(handle => handle == 0 ? null! : new Tensor(handle))];
        }

        private static nint[]? Handles(IList<Tensor>? tensors)
        {
            if (tensors is null or { Count: 0 })
                return null;
            var handles = new nint[tensors.Count];
            for (var k = 0; k < handles.Length; k++)
                handles[k] = tensors[k]?.Handle ?? 0;
            return handles;
        }
    }
}
