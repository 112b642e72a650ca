// What every client goes through, for drivers in JavaScript.
import { spawnSync } from 'node:child_process';

export const env = process.env;
export const key = env.ETOAUTH_SANDBOX_KEY;
export const secret = env.ETOAUTH_SANDBOX_SECRET;

function tell(...words) {
    console.log(words.join('\t'));
}

export async function step(name, action) {
    try {
        const result = await action();
        tell(name, 'ok');
        return result;
    } catch (error) {
        const text = error instanceof Error ? error.message : JSON.stringify(error);
        tell(name, 'failed', text.replace(/\s+/g, ' ').slice(0, 300));
        return undefined;
    }
}

// The person's code.
export async function page(base, token) {
    const link = `${base}/e/t/etws/authorize?key=${encodeURIComponent(key)}&token=${encodeURIComponent(token)}`;
    const person = spawnSync(env.PYTHON, [new URL('person.py', import.meta.url).pathname, link], { encoding: 'utf8' });
    return step('page', () => {
        if (person.status !== 0 || person.stderr.trim()) throw new Error(person.stderr);
        return person.stdout.trim();
    });
}

// call(method, path, body) gives the response's text, or throws.
export async function useApi(call) {
    const order = (name, more) => {
        const product = { securityType: 'EQ', symbol: 'IBM' };
        const instrument = { Product: product, orderAction: 'BUY', quantityType: 'QUANTITY', quantity: '1' };
        const terms = { allOrNone: 'false', priceType: 'LIMIT', orderTerm: 'GOOD_FOR_DAY', marketSession: 'REGULAR' };
        const orders = [{ ...terms, limitPrice: '1.00', Instrument: [instrument] }];
        return JSON.stringify({ [name]: { orderType: 'EQ', clientOrderId: 'A1', Order: orders, ...more } });
    };
    const ask = async (element, method, path, body) => {
        const response = JSON.parse(await call(method, `/v1${path}`, body))[element];
        if (!response) throw new Error(`no ${element}`);
        return response;
    };
    const list = await step('accounts', () => ask('AccountListResponse', 'GET', '/accounts/list.json'));
    const account = `/accounts/${list?.Accounts.Account[0].accountIdKey}`;
    await step('quote', () => ask('QuoteResponse', 'GET', '/market/quote/IBM.json?detailFlag=INTRADAY'));
    const balance = `${account}/balance.json?instType=BROKERAGE&realTimeNAV=true`;
    await step('balance', () => ask('BalanceResponse', 'GET', balance));
    await step('portfolio', () => ask('PortfolioResponse', 'GET', `${account}/portfolio.json`));
    const preview = order('PreviewOrderRequest');
    const previewed = await step('preview', () =>
        ask('PreviewOrderResponse', 'POST', `${account}/orders/preview.json`, preview));
    const place = order('PlaceOrderRequest', { PreviewIds: previewed?.PreviewIds });
    const placed = await step('place', () => ask('PlaceOrderResponse', 'POST', `${account}/orders/place.json`, place));
    const number = placed?.OrderIds[0].orderId;
    await step('list', async () => {
        const orders = await ask('OrdersResponse', 'GET', `${account}/orders.json`);
        if (!orders.Order.some((order) => order.orderId === number)) throw new Error('the order is not listed');
    });
    const cancel = JSON.stringify({ CancelOrderRequest: { orderId: number } });
    await step('cancel', () => ask('CancelOrderResponse', 'PUT', `${account}/orders/cancel.json`, cancel));
}
