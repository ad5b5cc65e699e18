# Makes the checkpoints beside it and what PyTorch answers for them: python3 make.py FOLDER SUFFIX, with PyTorch 1.13 or 2.6.
# NAME.SUFFIX.pth is the checkpoint; NAME.SUFFIX.json has the options of import, the input, and the output of the module in double precision.
import argparse, collections, json, sys
import numpy, torch
from torch import nn

folder, suffix = sys.argv[1], sys.argv[2]
torch.manual_seed(5)
torch.set_default_dtype(torch.float32)


class Model(nn.Module):                                        # the usual shape: embedding or rows, recurrent, linear
    def __init__(self, recurrent, vocabulary=None, size=None, outputs=3, heads=1, pool=None, norm=False, tied=False):
        super().__init__()
        if vocabulary: self.emb = nn.Embedding(vocabulary, size)
        self.rnn = recurrent
        width = getattr(recurrent, 'proj_size', 0) or recurrent.hidden_size
        width *= 2 if recurrent.bidirectional else 1
        if norm: self.norm = nn.LayerNorm(width)
        if heads == 2: self.fc1 = nn.Linear(width, width + 2)
        self.fc = nn.Linear(width + 2 if heads == 2 else width, vocabulary if tied else outputs)
        if tied: self.fc.weight = self.emb.weight
        self.pool = pool

    def forward(self, x):
        if hasattr(self, 'emb'): x = self.emb(x)
        y = self.rnn(x)[0]
        if self.pool == 'last': y = y[:, -1:]
        if self.pool == 'mean': y = y.mean(1, keepdim=True)
        if hasattr(self, 'norm'): y = self.norm(y)
        if hasattr(self, 'fc1'): y = torch.relu(self.fc1(y))
        return self.fc(y)


class Cells(nn.Module):                                        # a loop over two cells
    def __init__(self, one, two, head):
        super().__init__()
        self.cells = nn.ModuleList([one, two])
        self.fc = head

    def forward(self, x):
        a = torch.zeros(x.shape[0], self.cells[0].hidden_size, dtype=x.dtype); ca = a.clone()
        b = torch.zeros(x.shape[0], self.cells[1].hidden_size, dtype=x.dtype); cb = b.clone()
        rows = []
        for t in range(x.shape[1]):
            if isinstance(self.cells[0], nn.LSTMCell):
                a, ca = self.cells[0](x[:, t], (a, ca)); b, cb = self.cells[1](a, (b, cb))
            else:
                a = self.cells[0](x[:, t], a); b = self.cells[1](a, b)
            rows.append(self.fc(b))
        return torch.stack(rows, 1)


def write(name, module, saved, options=(), x=None, **how):
    if x is None:
        vocabulary = module.emb.num_embeddings if hasattr(module, 'emb') else None
        first = module.rnn.input_size if hasattr(module, 'rnn') else module.cells[0].input_size if hasattr(module, 'cells') else module.input_size
        x = torch.randint(0, vocabulary, (2, 7)) if vocabulary else torch.randn(2, 7, first)
    torch.save(saved, f'{folder}/{name}.{suffix}.pth', **how)
    module = module.float().double()
    with torch.no_grad():
        y = module(x if x.dtype == torch.int64 else x.double())
    y = y[0] if isinstance(y, tuple) else y
    json.dump({'options': list(options), 'shape': list(x.shape), 'input': x.reshape(-1).tolist(), 'outputs': list(y.shape),
               'expected': y.reshape(-1).tolist()}, open(f'{folder}/{name}.{suffix}.json', 'w'))


new = not torch.__version__.startswith('1.')
lstm = lambda i, h, **more: nn.LSTM(i, h, batch_first=True, **more)

m = Model(lstm(4, 5)); write('lstm', m, m.state_dict())
m = Model(nn.GRU(4, 5, batch_first=True)); write('gru', m, m.state_dict())
m = Model(lstm(4, 5, num_layers=2, bidirectional=True)); write('both', m, m.state_dict())
m = lstm(4, 6, proj_size=3, num_layers=2); write('projected', m, m.state_dict())
m = Model(nn.GRU(4, 5, batch_first=True, bias=False), heads=2); write('no-bias', m, m.state_dict(), ['--between', 'relu'])
m = nn.RNN(3, 5, batch_first=True); write('rnn', m, m.state_dict())
m = Model(lstm(5, 5, num_layers=2), vocabulary=9, size=5, tied=True); write('tied', m, m.state_dict())
m = Model(lstm(4, 5)).half(); write('half', m, m.state_dict())
m = Model(lstm(4, 5)).bfloat16(); write('bfloat', m, m.state_dict())
m = Model(nn.GRU(4, 5, batch_first=True)).double(); write('double', m, m.state_dict())
m = Model(lstm(4, 6), norm=True, pool='mean')
write('norm', m, collections.OrderedDict(m.state_dict()), ['--pooling', 'mean'])
m = Model(lstm(4, 5), pool='last'); write('last', m, dict(m.state_dict()), ['--pooling', 'last'])

m = Model(lstm(4, 5))                                          # one storage for all, as cuDNN keeps an LSTM; and views of it
flat = torch.cat([p.detach().reshape(-1) for p in m.parameters()])
packed, at = collections.OrderedDict(), 0
for key, value in m.state_dict().items():
    packed[key] = flat[at:at + value.numel()].view(value.shape); at += value.numel()
write('packed', m, packed)

m = Model(nn.GRU(4, 5, batch_first=True))                      # every stride: transposed, every second, expanded from one number or one row
views = collections.OrderedDict()
with torch.no_grad():
    m.rnn.bias_ih_l0.fill_(0.25); m.fc.weight.copy_(m.fc.weight[:1].expand(3, 5).clone())
for key, value in m.state_dict().items():
    if key == 'rnn.bias_ih_l0': views[key] = torch.tensor([0.25]).expand(15)
    elif key == 'fc.weight': views[key] = value[:1].clone().expand(3, 5)
    elif value.dim() == 2: views[key] = value.t().contiguous().t()
    else:
        wide = torch.zeros(2 * value.numel()); wide[::2] = value; views[key] = wide[::2]
write('strided', m, views)

m = Model(lstm(4, 5))                                          # as training scripts write it, with the optimizer's moments of the same shapes
optimizer = torch.optim.Adam(m.parameters())
m(torch.randn(2, 3, 4)).sum().backward(); optimizer.step()
write('trained', m, {'epoch': 3, 'model_state_dict': m.state_dict(), 'optimizer_state_dict': optimizer.state_dict(), 'loss': torch.tensor(0.5),
                     'rng': torch.get_rng_state()[:16].clone()})

m = Model(lstm(4, 5))                                          # as Lightning writes it
optimizer = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)
m(torch.randn(2, 3, 4)).sum().backward(); optimizer.step()
state = collections.OrderedDict(('net.' + key, value) for key, value in m.state_dict().items())
write('lightning', m, {
    'epoch': 2, 'global_step': 40, 'pytorch-lightning_version': '2.1.0', 'state_dict': state,
    'callbacks': {'ModelCheckpoint': {'best_model_score': torch.tensor(0.25), 'kth_value': numpy.float64(0.5), 'table': numpy.arange(6).reshape(2, 3)}},
    'optimizer_states': [optimizer.state_dict()], 'lr_schedulers': [], 'loops': {'state': {}},
    'hyper_parameters': argparse.Namespace(lr=0.1, device=torch.device('cpu'), dtype=torch.float32, shape=torch.Size([2, 3]))})

m = Model(lstm(4, 5, num_layers=2)); write('module', m, m)     # a whole module of a class that nobody else has
m = nn.RNN(3, 5, nonlinearity='relu', batch_first=True); write('relu', m, m)
m = nn.Sequential(collections.OrderedDict(model=Model(nn.GRU(4, 5, batch_first=True))))
write('nested', m.model, {'weights': {'ema': {'shadow': m.state_dict()}}})
m = Model(lstm(4, 5)); write('legacy', m, m.state_dict(), _use_new_zipfile_serialization=False)
m = Model(lstm(5, 5), vocabulary=9, size=5, tied=True); write('legacy-module', m, m, _use_new_zipfile_serialization=False)
m = Model(nn.GRU(4, 5, batch_first=True)); write('protocol4', m, m, pickle_protocol=4)
m = Cells(nn.LSTMCell(4, 5), nn.LSTMCell(5, 6), nn.Linear(6, 2)); write('cells', m, m.state_dict())
m = Cells(nn.GRUCell(4, 5), nn.GRUCell(5, 6), nn.Linear(6, 2)); write('gru-cells', m, m.state_dict())
m = lstm(4, 5); write('parameters', m, nn.ParameterDict(dict(m.named_parameters())))
m = Model(lstm(4, 5)); write('list', m, [('first', m.state_dict())])
if new:
    torch.serialization.set_crc32_options(False)
    m = Model(lstm(4, 5)); state = m.state_dict()
    state['steps'] = torch.tensor([3, 4], dtype=torch.uint16); state['mask'] = torch.ones(2, 2, dtype=torch.bool)
    write('no-crc', m, state)
